"""What records refuse. Absent and forbidden look alike."""

from typing import ClassVar

from careledger.ledger.refusals.base import Refusal


class NotPermitted(Refusal):
    """No such record, or no active right to do this: the two look alike."""

    code: ClassVar[str] = "records.not-permitted"
    happened: ClassVar[str] = (
        "The record does not exist or this handle may not do that."
    )
    to_do: ClassVar[str] = "Check the handle and what it was granted; ask the owner."


class KeyNotFresh(Refusal):
    """A key, handle or identifier that the ledger has seen before."""

    code: ClassVar[str] = "records.key-not-fresh"
    happened: ClassVar[str] = "A handle or identifier has been used before."
    to_do: ClassVar[str] = (
        "Use the next unused handle; a handle serves one record once."
    )


class BadCustodians(Refusal):
    """No custodian, more than four, or too many on notice."""

    code: ClassVar[str] = "records.bad-custodians"
    happened: ClassVar[str] = (
        "A record has one to four custodians, and sixteen with those on notice."
    )
    to_do: ClassVar[str] = "Name custodians of today as staying, each once, or wait."


class StaleEpoch(Refusal):
    """Not the current epoch, or the record waits for a rotation."""

    code: ClassVar[str] = "records.stale-epoch"
    happened: ClassVar[str] = (
        "The record's keys must be rotated first, or the epoch is old."
    )
    to_do: ClassVar[str] = "Let a full holder rotate, take the new epoch and try again."


class TooManyEpochs(Refusal):
    """This handle has started as many epochs today as a day has room for."""

    code: ClassVar[str] = "records.too-many-epochs"
    happened: ClassVar[str] = "This handle started 64 epochs of the record today."
    to_do: ClassVar[str] = "Try again after midnight UTC, or let another holder rotate."


class NoSuchEntry(Refusal):
    """No such entry within what this handle may have, or erased: all look alike."""

    code: ClassVar[str] = "records.no-such-entry"
    happened: ClassVar[str] = "There is no such entry that this handle may have."
    to_do: ClassVar[str] = "Check the entry's identifier and the handle's scope."


class NotStored(Refusal):
    """No custodian of the record signed for exactly these blobs."""

    code: ClassVar[str] = "records.not-stored"
    happened: ClassVar[str] = (
        "No custodian of this record signed for exactly these blobs."
    )
    to_do: ClassVar[str] = "Upload the blobs first and use the custodian's receipt."


class WrongHolders(Refusal):
    """A rotation or rewrap that does not fit the full holders."""

    code: ClassVar[str] = "records.wrong-holders"
    happened: ClassVar[str] = (
        "The wraps are not for exactly the full holders and the recovery key."
    )
    to_do: ClassVar[str] = (
        "Read the record's active full holders again and wrap to them."
    )


class Accused(Refusal):
    """A participant says that this handle's wrap does not open."""

    code: ClassVar[str] = "records.accused"
    happened: ClassVar[str] = "Somebody could not open what this handle wrapped."
    to_do: ClassVar[str] = "Rewrap to that participant, then append."


class NothingPending(Refusal):
    """No such pending erasure or recovery."""

    code: ClassVar[str] = "records.nothing-pending"
    happened: ClassVar[str] = "There is no such request under way."
    to_do: ClassVar[str] = "Check its identifier and whether its time is over."


class AlreadyPending(Refusal):
    """A recovery is already under way."""

    code: ClassVar[str] = "records.already-pending"
    happened: ClassVar[str] = "A recovery of this record is already under way."
    to_do: ClassVar[str] = (
        "Veto it as the owner, or confirm your own with the witness in person."
    )


class CannotVeto(Refusal):
    """The recovery was confirmed in person."""

    code: ClassVar[str] = "records.cannot-veto"
    happened: ClassVar[str] = (
        "This recovery was confirmed in person and cannot be stopped."
    )
    to_do: ClassVar[str] = "Go to the organisation that admitted you."
