"""How a local network is founded: its organisations, their keys, its genesis.

Every key derives from one seed, so that a network can be made again.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from careledger.client.office import OfficeKeys
from careledger.ledger.actions.governance import Application, Kind
from careledger.ledger.genesis import FirstNode, Genesis, write_genesis
from careledger.ledger.parameters import PROTOCOL, Parameters
from careledger.primitives.checkpoints import (
    Checkpoint,
    format_checkpoint,
    sign_checkpoint,
)
from careledger.primitives.mldsa import MlDsaKey
from careledger.primitives.notes import ED25519, VerifierKey
from careledger.primitives.signing import SigningKey
from careledger.sealing.hpke import OpeningKey
from careledger.sealing.keys import derive

NAME: Final = "local.example/careledger"
"""The network's name and its log's origin line."""

HOSPITALS: Final = ("Northfield Hospital", "Lakeside Hospital", "Hillcrest Hospital")

_KINDS: Final[tuple[tuple[str, Kind], ...]] = tuple((n, "hospital") for n in HOSPITALS)

OFFICES: Final[tuple[tuple[str, Kind], ...]] = (
    ("Registrar of Health Professions", "registrar"),
    ("Mutual Health Insurance", "insurer"),
    ("Audit Office for Health Data", "auditor"),
)

_GOVERNORS: Final = 3


@dataclass(frozen=True)
class Founding:
    """What a seed says about a network before anybody has joined it."""

    seed: bytes

    def derive(self, purpose: str) -> bytes:
        """Return 32 bytes for one purpose."""
        return derive(self.seed, b"careledger/local-network/v1", purpose.encode())

    def signing(self, purpose: str) -> SigningKey:
        """Return the signing key for one purpose."""
        return SigningKey(self.derive(purpose))

    @cached_property
    def _node(self) -> SigningKey:
        return self.signing("node")

    def office(self, name: str) -> OfficeKeys:
        """Return an organisation's keys."""
        mailbox = OpeningKey(self.derive(f"mailbox {name}"))
        return OfficeKeys(self.signing(f"organisation {name}"), (mailbox,))

    def applications(self) -> dict[str, Application]:
        """Return name → application of each organisation."""
        kinds = (*_KINDS, *OFFICES)
        return {name: self._application(name, kind) for name, kind in kinds}

    def _application(self, name: str, kind: Kind) -> Application:
        keys, entity = self.office(name), name.encode()
        mailbox = keys.mailboxes[0].public
        short, signing = entity[:35], keys.signing.public
        return Application(bytes(32), entity, short, short, (kind,), signing, mailbox)

    def genesis(self, created: int, *, simulated: bool) -> bytes:
        """Return the genesis of a network made at `created`, milliseconds."""
        governors = (self.signing(f"governor {n}").public for n in range(_GOVERNORS))
        ml_dsa = MlDsaKey(self.derive("node ml-dsa")).public
        return write_genesis(
            Genesis(
                protocol=PROTOCOL,
                name=NAME,
                created=created,
                simulated=simulated,
                governors=tuple(sorted(governors)),
                threshold=2,
                parameters=Parameters(),
                organisations=tuple(self.applications().values()),
                nodes=(FirstNode(0, NAME, self._node.public, ml_dsa),),
                purses=(),
            )
        )

    def log_key(self) -> VerifierKey:
        """Return the key that the node's checkpoints are checked with."""
        return VerifierKey(NAME, ED25519, self._node.public)

    def sign_checkpoint(self, size: int, root: bytes) -> bytes:
        """Return the node's signed checkpoint."""
        checkpoint = Checkpoint(NAME, size, root)
        return format_checkpoint(checkpoint, [sign_checkpoint(checkpoint, self._node)])
