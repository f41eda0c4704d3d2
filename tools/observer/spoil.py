"""What the same world would show without the protections: positive controls.

Nothing here is a setting of the product. A handle used twice is refused by the
ledger, so that switch rewrites what was observed; the names of recipients are
added to it; unpadded sizes come from a world whose sealing does not pad.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from unittest.mock import patch

from careledger.ledger.actions.referral import Accept, Invite
from careledger.sealing import padding
from tools.observer.observation import Observation, Seen
from tools.observer.truth import Truth


def reuse_handles(seen: Observation, truth: Truth) -> Observation:
    """Return what would be seen if everybody used one handle for everything."""
    first: dict[str, bytes] = {}
    people = {handle: one.person for handle, one in truth.seats.items()}
    people |= {
        owner: truth.charts[record].person for record, owner in truth.owners.items()
    }
    aliases = {
        handle: first.setdefault(person, handle) for handle, person in people.items()
    }
    return replace(seen, aliases=aliases)


def name_recipients(seen: Observation, truth: Truth) -> Observation:
    """Return what would be seen if invitations named the recipient's organisation."""
    recipients = {
        event.core.signers[action.invitation]: truth.houses[seat.house]
        for event in seen.events
        for action in event.core.actions
        if isinstance(action, Accept)
        if (seat := truth.seats.get(event.core.signers[action.handle]))
    }
    return replace(seen, events=tuple(_named(one, recipients) for one in seen.events))


@contextmanager
def without_padding() -> Iterator[None]:
    """Let bodies and blobs have the size of their content."""
    with (
        patch.object(padding, "_body_size", _as_it_is),
        patch.object(padding, "padme_size", _as_it_is),
    ):
        yield


def _as_it_is(size: int) -> int:
    return size


def _named(event: Seen, recipients: dict[bytes, bytes]) -> Seen:
    named = tuple(
        recipients[action.invitation]
        for action in event.core.actions
        if isinstance(action, Invite) and action.invitation in recipients
    )
    return replace(event, named=named)
