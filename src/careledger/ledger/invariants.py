"""What holds at every height, whatever people do.

Checked in tests after every step and by the operator (`careledger ledger audit`),
never inside a block: a rule that could stop the network is no safeguard. Each
workflow checks its own tables; this module only asks them.
"""

import itertools
from collections.abc import Iterable

from careledger.ledger import genesis, parameters, timers, usage
from careledger.ledger.listing import Listing
from careledger.ledger.workflows import (
    coin,
    emergency,
    governance,
    key_changes,
    records,
    recovery,
    referral,
    registry,
    seats,
    standing_orders,
    tokens,
)
from careledger.ledger.workflows import entries as record_entries


def violations(entries: Iterable[tuple[bytes, bytes]]) -> list[str]:
    """Return what is wrong with a state: nothing, unless there is a bug or damage.

    Args:
        entries: every (key, value) of the state, in any order.

    Returns:
        One sentence for each violation, without personal data. A table that no
        workflow has checked is one, too.
    """
    listing = Listing(entries)
    planned = itertools.chain(
        coin.planned(listing),
        standing_orders.planned(listing),
        key_changes.planned(listing),
        record_entries.planned(listing),
        emergency.planned(listing),
        recovery.planned(listing),
        referral.planned(listing),
    )
    return [
        *genesis.audit(listing),
        *parameters.audit(listing),
        *usage.audit(listing),
        *governance.audit(listing),
        *registry.audit(listing),
        *key_changes.audit(listing),
        *coin.audit(listing),
        *standing_orders.audit(listing),
        *tokens.audit(listing),
        *seats.audit(listing),
        *records.audit(listing),
        *record_entries.audit(listing),
        *referral.audit(listing),
        *emergency.audit(listing),
        *timers.audit(listing, planned),
        *listing.faults(),
    ]
