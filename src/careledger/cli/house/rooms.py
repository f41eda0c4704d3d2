"""The rooms of a hospital that serves: ledger, desk, vault, counters."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from careledger.cli import views
from careledger.cli.house.enrolled import enrolled
from careledger.cli.house.kept_post import KeptPost
from careledger.cli.house.missing_blobs import look_for_missing
from careledger.cli.house.older_pools import catch_up
from careledger.cli.house.pools import open_pools
from careledger.cli.ledgers import open_engine
from careledger.cli.session import Session
from careledger.client.directory import organisations
from careledger.client.files import read_private_sealed_file, write_sealed_file
from careledger.client.home import Home
from careledger.client.hospital import Hospital
from careledger.client.line import Line
from careledger.client.office import Office, OfficeKeys
from careledger.client.offices import Offices
from careledger.client.problems import HalfWritten, NoSuchOffice
from careledger.client.registrar import EndorsementRequest, Registrar
from careledger.client.trust import checkpoint_signer
from careledger.engines.clock import Clock, wall_clock
from careledger.engines.embedded import Engine
from careledger.ledger.actions.referral import Endorsed
from careledger.ledger.workflows.governance import organisation_id
from careledger.ledger.workflows.tokens import key_id
from careledger.local import InProcess
from careledger.node.desk import Desk
from careledger.primitives.checkpoints import (
    Checkpoint,
    format_checkpoint,
    sign_checkpoint,
)
from careledger.primitives.notes import ED25519, VerifierKey
from careledger.sealing import aead
from careledger.sealing.chance import random_bytes
from careledger.sealing.problems import Tampered
from careledger.sealing.tokens import (
    TokenSigner,
    generate_signer,
    load_signer,
    save_signer,
)
from careledger.vault.store import Setup as VaultSetup
from careledger.vault.store import Vault

_SIGNER: Final = "tokens.sealed"
_SIGNER_MARKER: Final = b"careledger/token-signer-file/v1\n"


@dataclass
class Rooms:
    """What a serving hospital has open.

    Attributes:
        path: its home.
        engine: of its node.
        transport: to its own node.
        hospital: admits, keeps blobs.
        registrar: endorses, issues tokens.
        sign: makes the full checkpoint of a (size, root), as this node.
        warnings: what its operator is to know of files that were put back or lost.
        post: what came for its people and can still be taken up.
    """

    path: Path
    engine: Engine
    transport: InProcess
    hospital: Hospital
    registrar: Registrar
    sign: Callable[[int, bytes], bytes]
    post: KeptPost
    warnings: tuple[str, ...] = ()

    def checkpoint(self) -> bytes:
        """Return a checkpoint of the log as it is, signed in every way."""
        return self.engine.checkpoint(self.sign)

    def endorse(self, request: EndorsementRequest) -> tuple[Endorsed, ...]:
        """Endorse handles of whom the registrar has checked by now.

        Raises:
            NotForThisOffice: not enrolled, or not signed by the member.
        """
        for one in enrolled(self.path):
            self.registrar.enrol_tagged(one.member, one.member, one.tag, *one.roles)
        return self.registrar.endorse(request)


@contextmanager
def open_rooms(
    session: Session, home: Home, offices: Offices, clock: Clock = wall_clock
) -> Iterator[Rooms]:
    """Open everything that a hospital's node needs, for as long as it serves.

    Raises:
        NoSuchOffice: this home runs no node, or is no hospital and registrar.
        LedgerInUse: another process has the ledger.
    """
    if not home.config.keys.node or not home.config.keys.organisation:
        raise NoSuchOffice("node")
    with ExitStack() as stack:
        engine = stack.enter_context(open_engine(session, home, clock))
        desk = _open_desk(home, offices, engine, clock)
        key = VerifierKey(home.network.name, ED25519, offices.node().public)
        transport = InProcess(engine, desk, home.chain_id, key)
        line = Line(transport)
        hospital = open_hospital(home, offices, line, "hospital", "registrar")
        warnings = catch_up(desk.facts.draft(), hospital.pools)
        vault = _open_vault(stack, home, desk, hospital)
        if missing := look_for_missing(desk.facts, hospital.pools.custodians, vault):
            warnings.append(missing.warning())
        issuing = (offices.issuer(), _signer(home.path, offices), offices.tags())
        registrar = Registrar(
            line, hospital.organisation, hospital.name, hospital.keys, issuing
        )
        if not views.has_token_key(engine.query, key_id(registrar.token_key)):
            registrar.open_counters()
        sign = checkpoint_signer(home.network, offices)
        post = KeptPost(hospital, engine.query.body, desk.is_waiting)
        offices_open = (transport, hospital, registrar, sign)
        yield Rooms(home.path, engine, *offices_open, post, tuple(warnings))


def open_office(home: Home, offices: Offices, line: Line, *kinds: str) -> Office:
    """Return the session of the organisation whose home this is.

    Raises:
        NoSuchOffice: it is not admitted as all of `kinds`.
    """
    keys = OfficeKeys(offices.organisation(), (offices.mailbox(0),))
    name = home.config.organisation.name
    return Office(line, _own(line, offices, *kinds), name, keys)


def open_hospital(home: Home, offices: Offices, line: Line, *kinds: str) -> Hospital:
    """Return the session of the hospital whose home this is.

    Raises:
        NoSuchOffice: it is not admitted as all of `kinds`.
        PoolMissing, PoolDamaged: a file of its fresh keys was lost or changed.
    """
    office = open_office(home, offices, line, *kinds)
    pools = open_pools(home, offices, line)
    return Hospital(line, office.organisation, office.name, office.keys, pools)


def _open_desk(home: Home, offices: Offices, engine: Engine, clock: Clock) -> Desk:
    origin = home.network.name

    def sign(size: int, root: bytes) -> bytes:
        checkpoint = Checkpoint(origin, size, root)
        return format_checkpoint(
            checkpoint, [sign_checkpoint(checkpoint, offices.node())]
        )

    first = [organisation_id(one) for one in home.network.organisations]
    checkpoint = partial(engine.checkpoint, sign)
    return Desk(engine.query, home.chain_id, clock, checkpoint, first)


def _own(line: Line, offices: Offices, *kinds: str) -> bytes:
    """Return the id of this home's organisation.

    Raises:
        NoSuchOffice: it is not admitted as all of `kinds`.
    """
    public = offices.organisation().public
    listed = [
        one.organisation
        for kind in kinds
        for one in organisations(line, kind)
        if one.key == public
    ]
    for one in listed:
        if listed.count(one) == len(kinds):
            return one
    raise NoSuchOffice(" and ".join(kinds))


def _open_vault(stack: ExitStack, home: Home, desk: Desk, hospital: Hospital) -> Vault:
    """Open the vault, and tell the desk whose handles it serves."""
    room = VaultSetup(may_store=desk.facts.may_store)
    path = home.path / "vault.db"
    vault = Vault(path, home.chain_id, desk.facts, hospital.sign_stored, room)
    stack.callback(vault.close)
    hospital.announce = lambda handle: desk.keep_at(handle, vault)
    pool = hospital.pools.custodians
    for used in pool.kept.used:
        hospital.announce(pool.keys(used.index).signing.public)
    return vault


def _signer(home: Path, offices: Offices) -> TokenSigner:
    """Return the key that signs tokens; the first time, make it and seal it.

    Raises:
        HalfWritten: the file is cut, changed, or another home's.
    """
    path = home / _SIGNER
    if path.exists():
        sealed = read_private_sealed_file(path, _SIGNER_MARKER)
        try:
            return load_signer(aead.open_with(offices.safe(), _SIGNER_MARKER, sealed))
        except Tampered:
            raise HalfWritten(str(path)) from None
    signer = generate_signer()
    der = save_signer(signer)
    sealed = aead.seal_with(offices.safe(), _SIGNER_MARKER, der, random_bytes)
    write_sealed_file(path, _SIGNER_MARKER, sealed)
    return signer
