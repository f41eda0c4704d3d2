"""The log against the recursive definitions of RFC 6962, leaf for leaf."""

import hashlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from careledger.ledger import log

# Sizes around the powers of two and around the width of a tile.
SIZES = st.one_of(
    st.integers(0, 40),
    st.sampled_from([127, 128, 129, 255, 256, 257, 300, 511, 512, 513, 700]),
)


def leaves(count):
    return [b"leaf %d" % number for number in range(count)]


def naive_root(data):
    """MTH of RFC 6962 §2.1, literally."""
    if not data:
        return hashlib.sha256(b"").digest()
    if len(data) == 1:
        return hashlib.sha256(b"\x00" + data[0]).digest()
    k = naive_split(len(data))
    return hashlib.sha256(
        b"\x01" + naive_root(data[:k]) + naive_root(data[k:])
    ).digest()


def naive_split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def naive_path(m, data):
    """PATH of RFC 6962 §2.1.1, literally."""
    if len(data) == 1:
        return []
    k = naive_split(len(data))
    if m < k:
        return [*naive_path(m, data[:k]), naive_root(data[k:])]
    return [*naive_path(m - k, data[k:]), naive_root(data[:k])]


def naive_proof(m, data):
    """PROOF of RFC 6962 §2.1.2, literally."""
    return naive_subproof(m, data, b=True)


def naive_subproof(m, data, *, b):
    n = len(data)
    if m == n:
        return [] if b else [naive_root(data)]
    k = naive_split(n)
    if m <= k:
        return [*naive_subproof(m, data[:k], b=b), naive_root(data[k:])]
    return [*naive_subproof(m - k, data[k:], b=False), naive_root(data[:k])]


class Tiles(dict):
    """A `TileSource` in a dict, which counts its reads."""

    def tile(self, level, index):
        return self[level, index]


def grown(*steps):
    """Return tiles, the last root and the leaves of a log grown in steps."""
    tiles, size, data = Tiles(), 0, leaves(sum(steps))
    root = log.EMPTY_ROOT
    for step in steps:
        fresh = [log.leaf_hash(leaf) for leaf in data[size : size + step]]
        changed, root = log.append(tiles, size, fresh)
        tiles.update(changed)
        size += step
    return tiles, root, data


@given(st.lists(SIZES, min_size=1, max_size=4))
@example([70_000])
def test_root_is_that_of_the_rfc_however_the_log_grew(steps):
    tiles, root, data = grown(*steps)
    assert root == naive_root(data) == log.root(tiles, len(data))


@given(st.lists(SIZES, min_size=1, max_size=3))
def test_tiles_are_those_of_c2sp_tlog_tiles(steps):
    tiles, _, data = grown(*steps)
    expected = {}
    level, span = 0, 1
    while len(data) // span:
        hashes = [
            naive_root(data[at : at + span])
            for at in range(0, len(data) // span * span, span)
        ]
        for index in range(0, len(hashes), 256):
            expected[level, index // 256] = b"".join(hashes[index : index + 256])
        level, span = level + 1, span * 256
    assert tiles == expected


def test_only_changed_tiles_are_returned():
    tiles, _, _ = grown(600)
    changed, _ = log.append(tiles, 600, [log.leaf_hash(b"one more")])
    assert set(changed) == {(0, 2)}


def test_appending_nothing_changes_nothing():
    tiles, root, _ = grown(300)
    assert log.append(tiles, 300, []) == ({}, root)
    assert log.append(Tiles(), 0, []) == ({}, log.EMPTY_ROOT)


@given(SIZES.filter(bool), st.data())
def test_every_leaf_is_proved(size, data):
    tiles, root, content = grown(size)
    index = data.draw(st.integers(0, size - 1))
    proof = log.prove_inclusion(tiles, index, size)
    assert proof == naive_path(index, content)
    log.verify_inclusion(log.leaf_hash(content[index]), index, size, proof, root)


@given(SIZES, SIZES)
def test_every_prefix_is_proved(one, other):
    old, new = sorted((one, other))
    tiles, new_root, content = grown(new)
    proof = log.prove_consistency(tiles, old, new)
    if old:
        assert proof == naive_proof(old, content)
    old_root = log.root(tiles, old)
    assert old_root == naive_root(content[:old])
    log.verify_consistency(old, old_root, new, new_root, proof)


def test_small_logs_exhaustively():
    for size in range(1, 18):
        tiles, root, content = grown(size)
        for index in range(size):
            proof = log.prove_inclusion(tiles, index, size)
            for claimed in range(size + 2):
                check = (log.leaf_hash(content[index]), claimed, size, proof, root)
                if claimed == index:
                    log.verify_inclusion(*check)
                else:
                    with pytest.raises(log.NotIncluded):
                        log.verify_inclusion(*check)


def test_proofs_of_older_sizes_come_from_grown_tiles():
    tiles, _, content = grown(1000)
    for size in (1, 255, 256, 257, 999):
        root = naive_root(content[:size])
        assert log.root(tiles, size) == root
        proof = log.prove_inclusion(tiles, size - 1, size)
        log.verify_inclusion(
            log.leaf_hash(content[size - 1]), size - 1, size, proof, root
        )


def mutations(proof):
    """Yield every proof that differs by one hash: changed, lost, added, cut."""
    for at in range(len(proof)):
        flipped = bytes([proof[at][0] ^ 1]) + proof[at][1:]
        yield [*proof[:at], flipped, *proof[at + 1 :]]
        yield [*proof[:at], *proof[at + 1 :]]
        yield [*proof[:at], proof[at][:-1], *proof[at + 1 :]]
    yield [*proof, bytes(32)]
    yield [bytes(32), *proof]


@given(SIZES.filter(bool), st.data())
def test_a_changed_inclusion_proof_is_refused(size, data):
    tiles, root, content = grown(size)
    index = data.draw(st.integers(0, size - 1))
    proof = log.prove_inclusion(tiles, index, size)
    leaf = log.leaf_hash(content[index])
    for mutated in mutations(proof):
        with pytest.raises(log.NotIncluded):
            log.verify_inclusion(leaf, index, size, mutated, root)
    for hostile in (
        (log.leaf_hash(b"other"), index, size, proof, root),
        (leaf, -1, size, proof, root),
        (leaf, size, size, proof, root),
        (leaf, index, size, proof, log.leaf_hash(b"other")),
        (leaf + b"\x00", index, size, proof, root),
    ):
        with pytest.raises(log.NotIncluded):
            log.verify_inclusion(*hostile)


@given(SIZES, SIZES)
def test_a_changed_consistency_proof_is_refused(one, other):
    old, new = sorted((one, other))
    tiles, new_root, _ = grown(new)
    old_root, wrong = log.root(tiles, old), log.leaf_hash(b"other")
    proof = log.prove_consistency(tiles, old, new)
    for mutated in mutations(proof):
        with pytest.raises(log.NotConsistent):
            log.verify_consistency(old, old_root, new, new_root, mutated)
    hostile = [
        (old, wrong, new, new_root, proof),
        (-1, old_root, new, new_root, proof),
        (new + 1, old_root, new, new_root, proof),
        (old, old_root + b"\x00", new, new_root, proof),
        (old, old_root, new, new_root[:-1], proof),
    ]
    if old:
        hostile.append((old, old_root, new, wrong, proof))
    for case in hostile:
        with pytest.raises(log.NotConsistent):
            log.verify_consistency(*case)


def test_a_consistency_proof_cannot_be_left_out():
    tiles, root, _ = grown(5)
    with pytest.raises(log.NotConsistent):
        log.verify_consistency(3, log.root(tiles, 3), 5, root, [])


def test_a_hash_cannot_be_cut_elsewhere():
    # SHA-256(0x01 ‖ left ‖ right) is the same wherever the border is drawn.
    left, right = log.leaf_hash(b"a"), log.leaf_hash(b"b")
    root = log.node_hash(left, right)
    with pytest.raises(log.NotIncluded):
        log.verify_inclusion(left + right[:1], 0, 2, [right[1:]], root)


def test_the_proof_of_a_larger_log_does_not_fit_a_smaller_size():
    # The hashes alone would lead from leaf 1 to the root of two leaves.
    tiles, root, content = grown(2)
    proof = log.prove_inclusion(tiles, 1, 2)
    with pytest.raises(log.NotIncluded):
        log.verify_inclusion(log.leaf_hash(content[1]), 0, 1, proof, root)


def test_a_leaf_is_never_taken_for_a_node():
    left, right = log.leaf_hash(b"a"), log.leaf_hash(b"b")
    assert log.leaf_hash(left + right) != log.node_hash(left, right)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 5)])
def test_no_proof_of_a_leaf_that_is_not_there(index, size):
    with pytest.raises(log.NoSuchLeaf):
        log.prove_inclusion(grown(5)[0], index, size)


@pytest.mark.parametrize(("old", "new"), [(-1, 5), (5, 4)])
def test_no_proof_from_a_newer_log_to_an_older(old, new):
    with pytest.raises(log.NoSuchLeaf):
        log.prove_consistency(grown(5)[0], old, new)


@pytest.mark.parametrize("size", [301, 300 + 256])
def test_a_short_store_stops_the_node(size):
    tiles, _, _ = grown(300)
    tiles[0, 2] = b""
    with pytest.raises(log.TileMissing):
        log.root(tiles, size)
    with pytest.raises(log.TileMissing):
        log.append(tiles, size, [log.leaf_hash(b"next")])


def test_a_tile_is_as_wide_as_the_log_is_long():
    size = 256 * 256 + 300
    widths = [log.tile_width(*place, size) for place in [(0, 0), (0, 257), (1, 1)]]
    assert widths == [256, 44, 1]
    assert log.tile_width(2, 0, size) == 1
    for place in [(0, 258), (2, 1), (3, 0), (-1, 0), (0, -1)]:
        with pytest.raises(log.TileMissing):
            log.tile_width(*place, size)


def test_the_published_hashes_of_nothing():
    # SHA-256 of no bytes (FIPS 180-4 examples) and of the single byte 0x00.
    assert log.EMPTY_ROOT.hex() == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
    assert log.leaf_hash(b"").hex() == (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )
