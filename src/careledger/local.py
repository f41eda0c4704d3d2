"""A whole network in this process: for tests, the demo and benchmarks.

    >>> import pathlib, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> network = LocalNetwork.create(pathlib.Path(folder.name))
    >>> doctor = network.practitioner("Dr. Ada Lind")
    >>> patient = network.patient()
    >>> kit = patient.register(network.joining(doctor))
    >>> [invitation] = doctor.inbox(network.office_of(doctor))
    >>> record = doctor.accept(invitation)
    >>> [access.person.name for access in patient.who_has_access(record)]
    ['', 'Dr. Ada Lind']
    >>> network.close(); folder.cleanup()

Everything is real (keys, seals, ledger, vaults on disk) but the time, which is
simulated unless a clock is given, and the network, which is a function call.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from careledger.client.auditor import Auditor
from careledger.client.cards import Identity
from careledger.client.directory import Listing, open_directory
from careledger.client.hospital import Hospital, Pools
from careledger.client.insurer import Insurer
from careledger.client.keystore import Keystore
from careledger.client.line import Line
from careledger.client.office import Office, OfficeKeys, public_card
from careledger.client.patient import Joining, Patient
from careledger.client.practitioner import Practitioner
from careledger.client.registrar import Registrar
from careledger.engines.embedded import Engine
from careledger.engines.setup import Setup
from careledger.ledger.actions.governance import Application, Kind
from careledger.ledger.actions.records import Declare
from careledger.ledger.actions.registry import HandleRole
from careledger.ledger.genesis import FirstNode, Genesis, chain_id, write_genesis
from careledger.ledger.parameters import PROTOCOL, Parameters
from careledger.ledger.refusals.base import NobodyKnown
from careledger.ledger.workflows.governance import organisation_id
from careledger.node.answers import Directory, FeedPage, Receipt
from careledger.node.desk import Desk
from careledger.node.questions import Asked
from careledger.primitives.checkpoints import (
    Checkpoint,
    format_checkpoint,
    sign_checkpoint,
)
from careledger.primitives.encoding import decode, encode
from careledger.primitives.mldsa import MlDsaKey
from careledger.primitives.notes import ED25519, VerifierKey
from careledger.primitives.signing import SigningKey
from careledger.sealing.hpke import OpeningKey
from careledger.sealing.keys import derive
from careledger.sealing.tokens import generate_signer
from careledger.vault.store import Setup as VaultSetup
from careledger.vault.store import Vault

START: Final = 1_800_000_000_000
"""When simulated time starts: 2027-01-15T08:00:00Z, in milliseconds."""

NAME: Final = "local.example/careledger"
"""The network's name and its log's origin line."""

_HOSPITALS: Final = ("Northfield Hospital", "Lakeside Hospital", "Hillcrest Hospital")
_KINDS: Final[tuple[tuple[str, Kind], ...]] = tuple((n, "hospital") for n in _HOSPITALS)
_OFFICES: Final[tuple[tuple[str, Kind], ...]] = (
    ("Registrar of Health Professions", "registrar"),
    ("Mutual Health Insurance", "insurer"),
    ("Audit Office for Health Data", "auditor"),
)
_GOVERNORS: Final = 3
_PATIENCE: Final = 60.0


class SimulatedClock:
    """A clock that stands until it is moved.

    Attributes:
        now: milliseconds.
    """

    def __init__(self, now: int = START) -> None:
        self.now = now

    def __call__(self) -> int:
        """Return the time, milliseconds."""
        return self.now


class InProcess:
    """A transport that calls the node's functions, encoding what would travel."""

    def __init__(
        self, engine: Engine, desk: Desk, chain: bytes, key: VerifierKey
    ) -> None:
        self.chain_id, self.log_key = chain, key
        self._engine, self._desk = engine, desk

    def time(self) -> int:
        """Return the ledger's time, milliseconds."""
        return self._desk.facts.time()

    def submit(self, envelope: bytes) -> Receipt:
        """Hand in an envelope; return its verdict when that is on disk."""
        done = self._engine.submit(envelope).result(_PATIENCE)
        return Receipt(done.tx_id, done.position, done.code, done.time)

    def ask(self, asked: Asked) -> bytes:
        """Return the encoded answer to a signed question."""
        return self._desk.answer(decode(encode(asked), Asked))

    def directory(self) -> Directory:
        """Return everybody who is publicly listed, with proofs."""
        return self._desk.directory()

    def feed(self, after: int) -> FeedPage:
        """Return invitations behind a log position."""
        return self._desk.feed(after)


class LocalNetwork:
    """Governors, three hospitals, a registrar, an insurer, an auditor, one node.

    Attributes:
        clock: its time; move it with `wait`.
        engine: the ledger.
        desk: the node's desk.
        hospitals: their sessions, each with a vault of its own.
        registrar: its session; the counters are open.
        insurer_office: registers and sorts post for the insurer's people.
        auditor: its session.
    """

    def __init__(self, folder: Path, seed: bytes, clock: Callable[[], int]) -> None:
        """Use `create`."""
        self._folder, self._seed, self.clock = folder, seed, clock
        self._people = 0
        self._applications = {
            name: self._application(name, kind) for name, kind in (*_KINDS, *_OFFICES)
        }
        simulated = isinstance(clock, SimulatedClock)
        genesis = self._genesis(simulated=simulated)
        self._node = SigningKey(self._derive("node"))
        self.engine = Engine.create(
            folder / "ledger.db", genesis, Setup(clock=clock, verifiers=1)
        )
        chain = chain_id(genesis)
        self.desk = Desk(
            self.engine.query,
            chain,
            clock,
            lambda: self.engine.checkpoint(self._sign_checkpoint),
            [organisation_id(one) for one in self._applications.values()],
        )
        log_key = VerifierKey(NAME, ED25519, self._node.public)
        self.transport = InProcess(self.engine, self.desk, chain, log_key)
        self._open_offices(chain)

    @classmethod
    def create(
        cls,
        folder: Path,
        seed: bytes = b"local network of careledger, v1",
        clock: Callable[[], int] | None = None,
    ) -> Self:
        """Create a network in an empty folder.

        Args:
            folder: for the ledger and the vaults.
            seed: the organisations' keys and all people's come from it.
            clock: milliseconds; simulated time without one.
        """
        folder.mkdir(parents=True, exist_ok=True)
        return cls(folder, seed, clock or SimulatedClock())

    def wait(self, milliseconds: int) -> None:
        """Let simulated time pass, and the timers that fall due run.

        Raises:
            TypeError: the network lives in real time.
        """
        if not isinstance(self.clock, SimulatedClock):
            raise TypeError
        self.clock.now = max(self.clock.now, self.engine.query.head.time) + milliseconds
        height = -1
        while height != self.engine.query.head.height:
            height = self.engine.query.head.height
            self._tick()

    def practitioner(
        self, name: str, hospital: int = 0, *roles: HandleRole
    ) -> Practitioner:
        """Return a registered practitioner with a pool of endorsed handles."""
        session = Practitioner(*self._person(name, self.hospitals[hospital]))
        self._enrol(session, self.hospitals[hospital], roles or ("practitioner",))
        return session

    def insurer(self, name: str = "Ines Falk") -> Insurer:
        """Return a member of the insurer's staff, ready to be invited."""
        session = Insurer(*self._person(name, self.insurer_office))
        self._enrol(session, self.insurer_office, ("insurer",), staff=True)
        return session

    def patient(self, path: Path | None = None) -> Patient:
        """Return somebody who has not joined yet."""
        self._people += 1
        store = Keystore(self._derive(f"patient {self._people}"), path=path)
        return Patient(Line(self.transport), store)

    def joining(
        self,
        practitioner: Practitioner | None = None,
        insurer: Insurer | None = None,
        personal: bytes = b'{"resourceType":"Patient","name":[{"family":"Berg"}]}',
    ) -> Joining:
        """Return what a patient brings to the first hospital's admission."""
        return Joining(
            self.hospitals[0],
            self.registrar,
            "primary care",
            personal,
            None if practitioner is None else self.listing(practitioner),
            None if insurer is None else self.listing(insurer),
        )

    def listing(self, who: Practitioner) -> Listing:
        """Return somebody's entry in the directory."""
        listed = open_directory(Line(self.transport))
        return next(one for one in listed if one.member == who.me.member)

    def office_of(self, who: Practitioner) -> Office:
        """Return the organisation that sorts somebody's post."""
        offices = (*self.hospitals, self.insurer_office)
        return next(one for one in offices if one.name == who.me.organisation)

    def close(self) -> None:
        """Close ledger and vaults."""
        self.engine.close()
        for vault in self.vaults:
            vault.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _genesis(self, *, simulated: bool) -> bytes:
        governors = sorted(
            SigningKey(self._derive(f"governor {n}")).public for n in range(_GOVERNORS)
        )
        ml_dsa = MlDsaKey(self._derive("node ml-dsa")).public
        key = SigningKey(self._derive("node")).public
        return write_genesis(
            Genesis(
                protocol=PROTOCOL,
                name=NAME,
                created=self.clock(),
                simulated=simulated,
                governors=tuple(governors),
                threshold=2,
                parameters=Parameters(),
                organisations=tuple(self._applications.values()),
                nodes=(FirstNode(0, NAME, key, ml_dsa),),
                purses=(),
            )
        )

    def _application(self, name: str, kind: Kind) -> Application:
        keys = self._office_keys(name)
        entity = name.encode()
        mailbox = keys.mailboxes[0].public
        return Application(
            bytes(32),
            entity,
            entity[:35],
            entity[:35],
            (kind,),
            keys.signing.public,
            mailbox,
        )

    def _open_offices(self, chain: bytes) -> None:
        self.vaults: list[Vault] = []
        self.hospitals = [self._hospital(name, chain) for name in _HOSPITALS]
        registrar, insurer, auditor = (name for name, _ in _OFFICES)
        issuing = (
            SigningKey(self._derive("issuer")),
            generate_signer(2048),
            self._derive("tags"),
        )
        self.registrar = Registrar(*self._office(registrar), issuing)
        self.registrar.open_counters()
        self.insurer_office = Office(*self._office(insurer))
        self.auditor = Auditor(*self._office(auditor))

    def _hospital(self, name: str, chain: bytes) -> Hospital:
        seed = self._derive(f"pools of {name}")
        pools = Pools(*(Keystore(seed, device) for device in (b"c", b"w", b"a")))
        hospital = Hospital(*self._office(name), pools)
        path = self._folder / f"vault-{len(self.vaults)}.db"
        facts = self.desk.facts
        room = VaultSetup(may_store=facts.may_store)
        vault = Vault(path, chain, facts, hospital.sign_stored, room)
        self.vaults.append(vault)
        hospital.announce = lambda handle: self.desk.keep_at(handle, vault)
        return hospital

    def _office(self, name: str) -> tuple[Line, bytes, str, OfficeKeys]:
        organisation = organisation_id(self._applications[name])
        return Line(self.transport), organisation, name, self._office_keys(name)

    def _office_keys(self, name: str) -> OfficeKeys:
        signing = SigningKey(self._derive(f"organisation {name}"))
        return OfficeKeys(signing, (OpeningKey(self._derive(f"mailbox {name}")),))

    def _person(self, name: str, office: Office) -> tuple[Line, Keystore, Identity]:
        self._people += 1
        store = Keystore(self._derive(f"person {self._people}"))
        me = Identity(name, store.member.signing.public, office.name)
        return Line(self.transport), store, me

    def _enrol(
        self,
        who: Practitioner,
        office: Office,
        roles: tuple[HandleRole, ...],
        *,
        staff: bool = False,
    ) -> None:
        card = public_card(who.store, who.me.name)
        who.join(office.register_member(who.me.member, card, staff=staff))
        number = self._derive(f"personal number of {who.me.name}")
        self.registrar.enrol(who.me.member, who.me.member, number, *roles)
        for role in roles:
            who.fill_pool(self.registrar, role, 10)

    def _tick(self) -> None:
        """Have a block made in which what is due runs, and wait for it.

        The envelope of somebody unknown leaves no trace, but it makes a block.
        """
        unknown = SigningKey(self._derive("unknown"))
        with suppress(NobodyKnown):
            Line(self.transport).act([unknown], [Declare(0)])

    def _sign_checkpoint(self, size: int, root: bytes) -> bytes:
        checkpoint = Checkpoint(NAME, size, root)
        return format_checkpoint(checkpoint, [sign_checkpoint(checkpoint, self._node)])

    def _derive(self, purpose: str) -> bytes:
        return derive(self._seed, b"careledger/local-network/v1", purpose.encode())
