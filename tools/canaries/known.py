"""The secrets of homes, as markers: opened with their owners' passphrases."""

from collections.abc import Iterator
from typing import Final

from careledger.cli.output import Output
from careledger.cli.people import sit_down
from careledger.cli.session import Session
from careledger.client.files import read_file
from careledger.client.home import SEED
from careledger.client.keystore import Keystore
from careledger.client.offices import Offices
from careledger.client.part import Part, current_ring
from careledger.client.patient import Patient
from careledger.primitives.signing import SigningKey
from careledger.sealing.keyring import AllEpochs
from careledger.sealing.keys import derive, entry_key
from careledger.sealing.passphrase import unlock
from careledger.sealing.seeds import words_of
from tools.canaries.actors import Actor, descriptor
from tools.canaries.forms import Marker

_SIGNING: Final = b"careledger/ed25519/v1"
_OPENING: Final = b"careledger/x-wing/v1"


class NotTheKey(Exception):
    """The derivation here is no longer the product's: we would look for nothing."""


def secrets_of_home(who: str, actor: Actor) -> Iterator[Marker]:
    """Yield what opens a home: passphrase, seed, its words."""
    seed = _seed(actor)
    yield Marker(f"{who}: passphrase", actor.passphrase.encode(), text=True)
    yield Marker(f"{who}: seed", seed)
    yield Marker(f"{who}: words of the seed", words_of(seed).encode(), text=True)


def secrets_of_person(who: str, actor: Actor) -> Iterator[Marker]:
    """Yield all keys of a patient's or practitioner's keystore.

    Raises:
        NotTheKey: the product derives keys in another way by now.
    """
    store = _store(actor)
    yield Marker(f"{who}: keystore's seed", store.seed)
    yield Marker(f"{who}: words", words_of(store.seed).encode(), text=True)
    yield Marker(
        f"{who}: keystore's key", derive(store.seed, b"careledger/keystore/v1")
    )
    yield Marker(f"{who}: recovery secret", store.kept.recovery_secret)
    member = derive(store.seed, b"careledger/member/v1")
    yield from _pair(f"{who}: member", member, store.member.signing)
    for index in range(store.kept.next):
        fields = store.device, index.to_bytes(8, "big")
        root = derive(store.seed, b"careledger/handle/v1", *fields)
        yield from _pair(f"{who}: handle {index}", root, store.keys(index).signing)


def secrets_of_hospital(who: str, actor: Actor) -> Iterator[Marker]:
    """Yield keys that a hospital's own process has, and no file may have."""
    offices = Offices(_seed(actor))
    for name, key in (
        ("pools", offices.pools()),
        ("tags", offices.tags()),
        ("safe", offices.safe()),
    ):
        yield Marker(f"{who}: {name}", key)


def secrets_of_records(who: str, actor: Actor) -> Iterator[Marker]:
    """Yield the keys of all records of a patient: epochs, histories, entries."""
    with descriptor(actor.passphrase) as passphrase:
        out = Output(as_json=True, debug=False)
        desk = sit_down(Session(actor.path, out, passphrase))
    patient = Patient(desk.line, desk.store)
    for record in dict.fromkeys(used.record for used in desk.store.kept.used):
        if record:
            yield from _of_record(f"{who}: record {record.hex()[:4]}", patient, record)


def _of_record(name: str, patient: Patient, record: bytes) -> Iterator[Marker]:
    part: Part = patient.part(record)
    ring = current_ring(part, part.seat().epoch)
    if isinstance(ring, AllEpochs):
        yield Marker(f"{name}, history", ring.history_key)
    for epoch, key in part.epochs.items():
        yield Marker(f"{name}, epoch {epoch}", key)
    for listed in patient.list_entries(record):
        fact = listed.entry
        key = entry_key(part.epochs[fact.epoch], fact.entry)
        yield Marker(f"{name}, entry {fact.entry.hex()[:4]}", key)


def _pair(name: str, root: bytes, key: SigningKey) -> Iterator[Marker]:
    signing = derive(root, _SIGNING)
    if SigningKey(signing).public != key.public:
        raise NotTheKey(name)
    yield Marker(f"{name}, root", root)
    yield Marker(f"{name}, signing", signing)
    yield Marker(f"{name}, opening", derive(root, _OPENING))


def _store(actor: Actor) -> Keystore:
    person = Offices(_seed(actor)).person()
    return Keystore(person, path=actor.path / "keystore")


def _seed(actor: Actor) -> bytes:
    return unlock(actor.passphrase, read_file(actor.path / SEED))
