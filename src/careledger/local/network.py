"""A whole network in one folder: who founds it, who joins it, and its time."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

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
from careledger.ledger.actions.records import Declare
from careledger.ledger.actions.registry import HandleRole
from careledger.ledger.genesis import chain_id
from careledger.ledger.refusals.base import NobodyKnown
from careledger.ledger.workflows.governance import organisation_id
from careledger.local.clock import SimulatedClock
from careledger.local.founding import HOSPITALS, OFFICES, Founding
from careledger.local.in_process import InProcess
from careledger.node.desk import Desk
from careledger.sealing.tokens import generate_signer
from careledger.vault.store import Setup as VaultSetup
from careledger.vault.store import Vault


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
        self._folder, self._founding, self.clock = folder, Founding(seed), clock
        self._people = 0
        self._ids = {
            name: organisation_id(application)
            for name, application in self._founding.applications().items()
        }
        simulated = isinstance(clock, SimulatedClock)
        genesis = self._founding.genesis(clock(), simulated=simulated)
        self.engine = Engine.create(
            folder / "ledger.db", genesis, Setup(clock=clock, verifiers=1)
        )
        chain = chain_id(genesis)
        self.desk = Desk(
            self.engine.query,
            chain,
            clock,
            lambda: self.engine.checkpoint(self._founding.sign_checkpoint),
            list(self._ids.values()),
        )
        log_key = self._founding.log_key()
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
        store = Keystore(self._founding.derive(f"patient {self._people}"), path=path)
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

    def _open_offices(self, chain: bytes) -> None:
        self.vaults: list[Vault] = []
        self.hospitals = [self._hospital(name, chain) for name in HOSPITALS]
        registrar, insurer, auditor = (name for name, _ in OFFICES)
        issuing = (
            self._founding.signing("issuer"),
            generate_signer(2048),
            self._founding.derive("tags"),
        )
        self.registrar = Registrar(*self._office(registrar), issuing)
        self.registrar.open_counters()
        self.insurer_office = Office(*self._office(insurer))
        self.auditor = Auditor(*self._office(auditor))

    def _hospital(self, name: str, chain: bytes) -> Hospital:
        seed = self._founding.derive(f"pools of {name}")
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
        keys = self._founding.office(name)
        return Line(self.transport), self._ids[name], name, keys

    def _person(self, name: str, office: Office) -> tuple[Line, Keystore, Identity]:
        self._people += 1
        store = Keystore(self._founding.derive(f"person {self._people}"))
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
        number = self._founding.derive(f"personal number of {who.me.name}")
        self.registrar.enrol(who.me.member, who.me.member, number, *roles)
        for role in roles:
            who.fill_pool(self.registrar, role, 10)

    def _tick(self) -> None:
        """Have a block made in which what is due runs, and wait for it.

        The envelope of somebody unknown leaves no trace, but it makes a block.
        """
        unknown = self._founding.signing("unknown")
        with suppress(NobodyKnown):
            Line(self.transport).act([unknown], [Declare(0)])
