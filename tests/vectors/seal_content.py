"""Golden vectors of content: padding, entries, streams, manifests."""

import zstandard

from careledger.primitives.encoding import encode
from careledger.primitives.hashing import sha256
from careledger.sealing.aead import seal_with
from careledger.sealing.envelope import ENTRY_LIMIT, seal_entry
from careledger.sealing.hpke import bound_info
from careledger.sealing.keys import derive, entry_key
from careledger.sealing.manifest import ManifestLine, Reference, seal_manifest
from careledger.sealing.padding import pad
from careledger.sealing.stream import seal_stream
from tests.vectors.seal_cases import ENTRY, EPOCH, PLACE, case, chance, place


def paddings():
    return {
        "kind": "unpad",
        "given": {"padded": pad(b"careledger").hex()},
        "cases": [
            case("opens", result=b"careledger"),
            case("empty", result=b"", exchange={"padded": pad(b"").hex()}),
            case("no_end_mark", "tampered", exchange={"padded": bytes(9).hex()}),
            case(
                "too_long",
                "tampered",
                exchange={"padded": (pad(b"a") + bytes(9)).hex()},
            ),
        ],
    }


def entries(kept):
    key = b"k" * 32
    resource = b'{"resourceType":"Patient","id":"example"}'
    sealed = seal_entry(key, resource, chance("entry"))
    one, large = entry_key(key, sealed.entry_id), bytes(ENTRY_LIMIT + 1)

    def crafted(size, content, **options):
        frame = zstandard.ZstdCompressor(**options).compress(content)
        padded = pad(size.to_bytes(4, "big") + frame)
        marker = b"careledger/entry/v1"
        bound = bound_info(marker, sealed.entry_id)
        return seal_with(derive(one, marker), bound, padded, chance("crafted"))

    def other(name, make_blob):
        blob = kept(name, make_blob)
        return {"blob": blob, "blob_hash": sha256(bytes.fromhex(blob)).hex()}

    return {
        "kind": "entry",
        "given": {
            "key": one.hex(),
            "entry_id": sealed.entry_id.hex(),
            **other("entry", lambda: sealed.blob),
            "commitment": sealed.commitment.hex(),
        },
        "cases": [
            case("opens", result=resource),
            case("changed", "tampered", flip=["blob", 100]),
            case("wrong_key", "tampered", exchange={"key": key.hex()}),
            case("wrong_id", "tampered", exchange={"entry_id": ENTRY.hex()}),
            case(
                "wrong_commitment", "tampered", exchange={"commitment": bytes(32).hex()}
            ),
            case(
                "bomb", "tampered", exchange=other("bomb", lambda: crafted(10, large))
            ),
            case(
                "large_bomb",
                "tampered",
                exchange=other("large_bomb", lambda: crafted(len(large), large)),
            ),
            case(
                "undeclared_size",
                "tampered",
                exchange=other(
                    "undeclared_size",
                    lambda: crafted(3, b"abc", write_content_size=False),
                ),
            ),
        ],
    }


def streams():
    key = b"k" * 32

    def sealed(content):
        pieces = iter([content[i : i + 65536] for i in range(0, len(content), 65536)])
        return b"".join(
            seal_stream(
                key, len(content), lambda _: next(pieces, b""), chance("stream")
            )
        )

    long = sealed(bytes(65536 + 1))
    first, second = [56, 56 + 65552], [56 + 65552, len(long)]
    return {
        "kind": "stream",
        "given": {"key": key.hex(), "sealed": long.hex()},
        "cases": [
            case("opens", result_sha256=sha256(bytes(65537)).hex()),
            case("short", result=b"short", exchange={"sealed": sealed(b"short").hex()}),
            case("empty", result=b"", exchange={"sealed": sealed(b"").hex()}),
            case("wrong_key", "tampered", exchange={"key": bytes(32).hex()}),
            case("changed_salt", "tampered", flip=["sealed", 0]),
            case("changed_size", "tampered", flip=["sealed", 8 * 39]),
            case("changed_end", "tampered", flip=["sealed", 8 * (len(long) - 1)]),
            case("last_chunk_missing", "tampered", slices=["sealed", [[0, 56], first]]),
            case(
                "chunks_exchanged",
                "tampered",
                slices=["sealed", [[0, 56], second, first]],
            ),
            case(
                "chunk_repeated",
                "tampered",
                slices=["sealed", [[0, 56], first, first, second]],
            ),
            case("byte_added", "tampered", slices=["sealed", [[0, len(long)], [0, 1]]]),
        ],
    }


def manifests():
    line = ManifestLine(
        ENTRY,
        "Observation",
        "Blood pressure",
        sha256(b"x"),
        1,
        (Reference("Patient/1", ENTRY),),
    )
    key = b"k" * 32
    (body,) = seal_manifest(key, PLACE, [line], chance("manifest"))
    return {
        "kind": "manifest",
        "given": place(key=key.hex(), bodies=[body.hex()]),
        "cases": [
            case("opens", result=encode((line,))),
            case("wrong_key", "tampered", exchange={"key": bytes(32).hex()}),
            case("other_epoch", "tampered", exchange={"epoch": EPOCH + 1}),
            case("repeated", "tampered", exchange={"bodies": [body.hex(), body.hex()]}),
        ],
    }
