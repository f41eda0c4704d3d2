"""A hospital's session: it admits patients, keeps blobs, helps in emergencies."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Final

from careledger.client import proxies
from careledger.client.emergencies import Released, release
from careledger.client.keystore import Keystore
from careledger.client.line import Line, created_id
from careledger.client.office import Office, OfficeKeys
from careledger.client.opening import Custody
from careledger.client.papers import Paper, content_of, draw_up, sign
from careledger.client.plans import AgentKey, agent_key
from careledger.client.proxies import Address
from careledger.client.session_problems import (
    BadEvidence,
    NotForThisOffice,
    NotInThisHome,
    NotOurWitness,
)
from careledger.client.witnessing import WitnessRequest, witness_paper
from careledger.ledger.actions.records import OpenRecord, SetCustodians
from careledger.ledger.actions.registry import AdmitPatient
from careledger.node.answers import Evidence
from careledger.node.problems import NothingHere
from careledger.node.questions import Prove
from careledger.node.state_keys import seat_key
from careledger.primitives.hashing import sha256
from careledger.primitives.signing import SigningKey
from careledger.sealing.seeds import handle_keys

_CUSTODIAN: Final = "custodian"
_WITNESS: Final = "witness"
_AGENT: Final = "agent"


@dataclass(frozen=True, slots=True)
class Pools:
    """A hospital's fresh keys; each store is a device of its own.

    Attributes:
        custodians: keep blobs, one record each.
        witnesses: given to patients at admission.
        agents: hold shares of emergency plans.
    """

    custodians: Keystore
    witnesses: Keystore
    agents: Keystore


class Hospital(Office):
    """The session of a hospital: several counters may work with it at once.

    Attributes:
        pools: its fresh keys.
    """

    def __init__(
        self,
        line: Line,
        organisation: bytes,
        name: str,
        keys: OfficeKeys,
        pools: Pools,
    ) -> None:
        super().__init__(line, organisation, name, keys)
        self.pools = pools
        self.announce: Callable[[bytes], None] = lambda _: None
        """Told each new custodian handle, so that the node knows whose they are."""
        self._custodians: dict[bytes, int] = {}
        self._custody = Lock()

    def admit_patient(self, patient: bytes) -> Paper:
        """Return the signed paper that admits a patient; the patient signs next.

        Call it once the person's identity has been checked.
        """
        signers = [self.keys.signing.public, patient]
        paper = draw_up(self.line, signers, [AdmitPatient(0, 1)])
        return sign(paper, self.keys.signing)

    def offer_custody(self) -> Custody:
        """Return a fresh custodian handle and a fresh witness key for one record."""
        with self._custody:  # two counters must not take one handle
            custodian = self.pools.custodians.take(_CUSTODIAN)
            witness = self.pools.witnesses.take(_WITNESS)
        handle = self._custodian(custodian).public
        pool = self.pools.witnesses
        public = handle_keys(pool.seed, pool.device, witness).signing.public
        self._custodians[handle] = custodian
        self.announce(handle)
        return Custody((handle,), public)

    def keep_record(self, paper: Paper) -> Paper:
        """Sign, as custodian, a paper that opens a record or moves it here.

        Raises:
            NotForThisOffice: it does something else, names no handle of ours, or
                opens a record with a handle that another record has.
        """
        content = content_of(paper)
        known = self._known_custodians(content.signers)
        mine = [key for key in content.signers if key in known]
        match content.actions:
            case (OpenRecord(witness=witness),) if mine:
                record = created_id(sha256(paper.core), 0)
                self._note_record(record, [known[key] for key in mine], witness)
                keys = [self._custodian(self._custodians[key]) for key in mine]
                return sign(paper, *keys)
            case (SetCustodians(),) if mine:
                return sign(paper, *[self._custodian(known[key]) for key in mine])
            case _:
                raise NotForThisOffice

    def witness(self, request: WitnessRequest) -> Paper:
        """Return the signed paper that gives a person a record back.

        Call it once the person's identity has been checked, and that the record is
        this person's: by the emergency card, or by the treating practitioner.

        Raises:
            NotOurWitness: the record is not one of ours.
        """
        pool = self.pools.witnesses
        key = pool.keys(_index_of(pool, request.record)).signing
        custodian = self._serving(request.record)
        return witness_paper(self.line, request, key, custodian)

    def sign_stored(self, custodian: bytes, message: bytes) -> bytes:
        """Sign a stored-receipt with one of our custodian handles (for the vault).

        Raises:
            KeyError: it is not ours.
        """
        known = self._known_custodians([custodian])
        return self._custodian(known[custodian]).sign(message)

    def new_agent(self) -> AgentKey:
        """Return fresh keys of this hospital's emergency agent, for one record."""
        index = self.pools.agents.take(_AGENT)
        keys = self.pools.agents.keys(index)
        return agent_key(self.line.chain_id, keys, self.organisation)

    def release_share(self, agent: bytes) -> list[Released]:
        """Return what one of our agents releases to those who broke the glass.

        Raises:
            NothingHere: the agent is in no plan.
            NotForThisOffice: it is no agent of ours.
            BadEvidence: the node cannot prove that they did.
        """
        for one in self.pools.agents.kept.used:
            keys = self.pools.agents.keys(one.index)
            if keys.signing.public == agent:
                return release(self.line, keys)
        raise NotForThisOffice

    def release_shares(self) -> list[Released]:
        """Return what all our agents release now: an agent does this by itself.

        Raises:
            BadEvidence: the node cannot prove that somebody broke a glass.
        """
        released = []
        for one in self.pools.agents.kept.used:
            with suppress(NothingHere):  # no plan names it, or none does any more
                released += release(self.line, self.pools.agents.keys(one.index))
        return released

    def _known_custodians(self, wanted: Sequence[bytes]) -> dict[bytes, int]:
        """Return our custodian handles; derived again if none of `wanted` is known."""
        if not any(key in self._custodians for key in wanted):
            self._custodians = {
                self._custodian(one.index).public: one.index
                for one in self.pools.custodians.kept.used
            }
        return self._custodians

    def invite_for_minor(self, record: bytes, to: Address, until: int) -> bytes:
        """Invite a minor's proxy as the record's witness; return the invitation.

        Call it once minority and custody of the child have been checked.

        Raises:
            NotOurWitness: the record is not one of ours.
            BeyondOwnRights: `until` (ms) is not in the future.
        """
        witness = _index_of(self.pools.witnesses, record)
        key = self.pools.witnesses.keys(witness).signing
        return proxies.invite_for_minor(self.line, key, record, to, until)

    def _note_record(
        self, record: bytes, custodians: Sequence[int], witness: bytes
    ) -> None:
        """Note for which record these keys were given, so that they are found again.

        The hospital's index has records, no names. A note is never overwritten: all
        who take part in a record see its custodian's handle, and could name it.

        Raises:
            NotForThisOffice: one of them is another record's already.
        """
        with self._custody:  # of two papers with one handle, one is refused
            for one in self.pools.custodians.kept.used:
                if one.index in custodians and one.record not in (b"", record):
                    raise NotForThisOffice
            self.pools.custodians.settle(custodians[0], record)
        pool = self.pools.witnesses
        for one in reversed(pool.kept.used):
            if not one.record and pool.keys(one.index).signing.public == witness:
                pool.settle(one.index, record)
                return

    def _serving(self, record: bytes) -> SigningKey:
        """Return a custodian handle of ours that serves a record now, as proven.

        One that came later is not noted with the record: a paper that moves custody
        does not say whose it is.

        Raises:
            NotOurWitness: none of them does.
        """
        used = self.pools.custodians.kept.used
        noted = [one for one in used if one.record == record]
        for one in (*noted, *(one for one in reversed(used) if not one.record)):
            key = self._custodian(one.index)
            with suppress(NothingHere, BadEvidence):
                question = Prove(("seats",), numbers=(0,))
                evidence = self.line.ask(key, question, Evidence)
                self.line.check(evidence, [seat_key(record, 0)])
                return key
        raise NotOurWitness

    def _custodian(self, index: int) -> SigningKey:
        pool = self.pools.custodians
        return handle_keys(pool.seed, pool.device, index).signing


def _index_of(pool: Keystore, record: bytes) -> int:
    try:
        return pool.find(record).index
    except NotInThisHome:
        raise NotOurWitness from None
