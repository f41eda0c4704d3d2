"""Two records of one patient share no value that an observer could join."""

from careledger.ledger.actions.records import Erase, Recover
from careledger.ledger.actions.referral import OnlyEntries
from careledger.ledger.invariants import violations
from careledger.primitives.encoding import decode_any
from careledger.primitives.hashing import sha256
from tests.ledger.clinic import Chart, Clinic, clinic, entry_id
from tests.ledger.issuing import TOKEN_KEY_ID
from tests.ledger.offices import IDS
from tests.ledger.world import body, key


def busy(c: Clinic, name: str) -> Chart:
    """Return a record that everything has happened to, by keys of its own."""
    chart = c.open(name, policy="ask")
    person = [f"{name}{n}" for n in range(6)]
    drew = c.join(chart.owner, person[0], depth=1)
    c.must(c.append(drew, chart, f"{name}-entry", f"{name}-more"))
    c.must(
        c.invite(
            chart.owner, person[1], scope=OnlyEntries((entry_id(f"{name}-entry"),))
        )
    )
    c.must(c.accept(person[1]))
    c.must(c.invite(drew, person[2]))
    c.plan(chart)
    c.must(c.break_glass(chart, person[3], person[4]))
    c.must(c.rotate(drew, chart))
    c.must(c.act(Erase(0, (entry_id(f"{name}-more"),)), by=[chart.owner]))
    c.must(c.set_custodians(chart, [f"{name}-joining"], [f"{name}-custodian"]))
    recover = Recover(0, 1, body(name.encode() + b"-new-sealing"))
    c.must(c.act(recover, by=[chart.recovery, key(f"{name}-new-owner")]))
    return chart


def values_in(found: object) -> list[bytes]:
    """Return every value of 16 bytes or more within a decoded state value."""
    if isinstance(found, bytes):
        return [found] if len(found) >= 16 else []
    if isinstance(found, list | tuple):
        return [value for one in found for value in values_in(one)]
    return []


def pieces(key_: bytes) -> list[bytes]:
    """Return the identifiers that a state key is made of: 32 bytes, or 16 at its end."""
    rest = key_[1:]
    if rest[:1] == b"\x00" and len(rest) == 40:  # a timer: due time, then its subject
        rest = rest[8:]
    return [
        rest[i : i + 32] for i in range(0, len(rest), 32) if len(rest[i : i + 32]) >= 16
    ]


def left_by(before: dict[bytes, bytes], after: dict[bytes, bytes]) -> dict[bytes, None]:
    """Return every identifier in what changed between two states."""
    seen: dict[bytes, None] = {}
    for k, value in after.items():
        if before.get(k) != value:
            seen |= dict.fromkeys(pieces(k))
            seen |= dict.fromkeys(values_in(decode_any(value, object)))
    return seen


def test_no_value_is_shared_by_two_records():
    """Two records of one patient, at one hospital, with the same registrar.

    What they have in common is public and the same for everybody: the registrar,
    and the token key that all tokens of its time are spent with. People who break
    the glass of both leave their tag in both; that is what the tag is for.
    """
    c = clinic()
    start = dict(c.state)
    busy(c, "one")
    middle = dict(c.state)
    busy(c, "two")
    assert violations(c.state.items()) == []
    shared = left_by(start, middle).keys() & left_by(middle, dict(c.state)).keys()
    assert shared - {bytes(32)} == {IDS["registrar"], TOKEN_KEY_ID} | values_of_key()


def values_of_key() -> set[bytes]:
    """Return what else the token key's own leaf repeats: its public modulus."""
    modulus = decode_any(clinic().state[b"\x40" + TOKEN_KEY_ID], object)
    return set(values_in(modulus)) - {bytes(32)}


def test_the_scan_would_find_a_shared_handle():
    c = clinic()
    start = dict(c.state)
    one = c.open("one")
    middle = dict(c.state)
    c.open("two", recovery_sealing=body(b"one-recovery-sealing"))
    shared = left_by(start, middle).keys() & left_by(middle, dict(c.state)).keys()
    assert body(b"one-recovery-sealing") in shared
    assert one.owner.public not in shared


def test_the_tag_is_what_two_emergencies_of_one_person_share():
    c = clinic()
    start = dict(c.state)
    seen = []
    for name, first, second in (("one", "yan", "zoe"), ("two", "yan-2", "zoe-2")):
        chart = c.open(name)
        c.plan(chart)
        before = dict(c.state)
        c.must(c.break_glass(chart, first, second))
        seen.append(left_by(before, dict(c.state)).keys())
    both = seen[0] & seen[1]
    assert both == {
        IDS["registrar"],
        *(sha256(b"tag of " + who) for who in (b"yan", b"zoe")),
    }
    assert start
