"""Why somebody who takes part in a record cannot add to it now.

CareLedgerError
├── MayNotWrite        a part for reading only
├── RenewalAwaited     keys that others have to renew first
├── RenewalsUsedUp     keys that were renewed too often today
└── NoCurrentKey       nothing to seal with
"""

from typing import ClassVar

from careledger.errors import CareLedgerError


class MayNotWrite(CareLedgerError):
    """A part that was offered for reading only."""

    code: ClassVar[str] = "client.may-not-write"
    happened: ClassVar[str] = "You were let into this record to read, not to write."
    to_do: ClassVar[str] = "Ask who invited you to invite you again, to write too."


class RenewalAwaited(CareLedgerError):
    """A record that somebody left, and a part that cannot renew its keys."""

    code: ClassVar[str] = "client.renewal-awaited"
    happened: ClassVar[str] = (
        "Somebody left this record, and its keys have not been renewed since; yours"
        " are too few to do it."
    )
    to_do: ClassVar[str] = (
        "Let the owner or a participant with full access add something, which renews"
        " them, then try again."
    )


class RenewalsUsedUp(CareLedgerError):
    """A record whose keys this part has renewed, to write, as often as a day allows."""

    code: ClassVar[str] = "client.renewals-used-up"
    happened: ClassVar[str] = (
        "Somebody left this record, and you have renewed its keys so often today that"
        " the few renewals left are kept for revoking."
    )
    to_do: ClassVar[str] = (
        "Revoke who keeps inviting and withdrawing; or wait until after midnight UTC,"
        " or until another participant with full access writes."
    )


class NoCurrentKey(CareLedgerError):
    """A part that may write and holds no current key: of single entries, or behind."""

    code: ClassVar[str] = "client.no-current-key"
    happened: ClassVar[str] = (
        "You may write in this record, and have no current key of it to seal with."
    )
    to_do: ClassVar[str] = (
        "After a pause of yours, let the owner or a participant with full access use"
        " the record once: that gives you the keys. If you were let in to single"
        " entries, ask for more."
    )
