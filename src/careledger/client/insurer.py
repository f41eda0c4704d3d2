"""An insurer's session: it sees the records of its policies, and no other.

A policy is a record of its own. Who speaks for the insurer is a member of its
staff, endorsed in the role `insurer`.
"""

from careledger.client.practitioner import Practitioner
from careledger.client.registrar import EndorsementOffice
from careledger.ledger.actions.registry import HandleRole


class Insurer(Practitioner):
    """The session of an insurer's member of staff."""

    def fill_pool(
        self,
        registrar: EndorsementOffice,
        role: HandleRole = "insurer",
        count: int = 10,
    ) -> None:
        """Have fresh handles endorsed in the role `insurer`."""
        super().fill_pool(registrar, role, count)
