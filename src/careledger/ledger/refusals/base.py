"""The two ways in which the ledger says no."""

from typing import ClassVar

from careledger.errors import CareLedgerError


class Void(CareLedgerError):
    """An envelope that the ledger does not take in: no leaf, no receipt, no id."""


class Refusal(CareLedgerError):
    """A recorded verdict: the envelope was in order, an action was not permitted."""


class Malformed(Void):
    """Bytes that are no envelope, or break a stated bound."""

    code: ClassVar[str] = "void.malformed"
    happened: ClassVar[str] = "The bytes are not a well-formed envelope."
    to_do: ClassVar[str] = "Build it with the SDK, or as docs/spec.md says."


class TooLarge(Void):
    """More than 128 KiB in all."""

    code: ClassVar[str] = "void.too-large"
    happened: ClassVar[str] = "The envelope is larger than 128 KiB."
    to_do: ClassVar[str] = "Split the actions over several envelopes."


class TooMuchWork(Void):
    """Too many appends, rotations or issues of tokens in one envelope."""

    code: ClassVar[str] = "void.too-much-work"
    happened: ClassVar[str] = "The actions are more work than one envelope may carry."
    to_do: ClassVar[str] = "Split the actions over several envelopes."


class BodyMismatch(Void):
    """The bodies are not the ones whose hashes the core names."""

    code: ClassVar[str] = "void.body-mismatch"
    happened: ClassVar[str] = "The bodies do not match the hashes in the core."
    to_do: ClassVar[str] = "Send exactly the bodies that were hashed, in that order."


class KeyNotAttached(Void):
    """An action names an X-Wing key that no body of the envelope carries."""

    code: ClassVar[str] = "void.key-not-attached"
    happened: ClassVar[str] = "A new handle's X-Wing key is not among the bodies."
    to_do: ClassVar[str] = "Send the public X-Wing key of each new handle as a body."


class WrongSignatures(Void):
    """Not exactly one valid signature per signer, in the signers' order."""

    code: ClassVar[str] = "void.wrong-signatures"
    happened: ClassVar[str] = "Not every signer signed, or a signature is not valid."
    to_do: ClassVar[str] = "Let each signer sign once, in the order of `signers`."


class WrongChain(Void):
    """Made for another network."""

    code: ClassVar[str] = "void.wrong-chain"
    happened: ClassVar[str] = "The envelope was made for another network."
    to_do: ClassVar[str] = (
        "Take the chain id from this network's genesis and sign again."
    )


class Expired(Void):
    """`valid_until` has passed."""

    code: ClassVar[str] = "void.expired"
    happened: ClassVar[str] = "The envelope's validity has ended."
    to_do: ClassVar[str] = "Sign it again with a later `valid_until`."


class TooFarAhead(Void):
    """`valid_until` lies more than 24 hours ahead."""

    code: ClassVar[str] = "void.too-far-ahead"
    happened: ClassVar[str] = "The envelope would be valid for more than 24 hours."
    to_do: ClassVar[str] = "Sign it again with an earlier `valid_until`."


class Duplicate(Void):
    """Already recorded: the first verdict stands."""

    code: ClassVar[str] = "void.duplicate"
    happened: ClassVar[str] = "This transaction is already recorded."
    to_do: ClassVar[str] = "Ask for its receipt; do not send it again."


class NobodyKnown(Void):
    """No signer is known to the ledger."""

    code: ClassVar[str] = "void.nobody-known"
    happened: ClassVar[str] = "None of the signers is known to this ledger."
    to_do: ClassVar[str] = "Let an admitted organisation, member or purse sign too."


class OverQuota(Void):
    """A signer has used up today's quota."""

    code: ClassVar[str] = "void.over-quota"
    happened: ClassVar[str] = "A signer has used up its quota for today."
    to_do: ClassVar[str] = "Try again after midnight UTC, or ask for a larger quota."


class SeveralRecords(Void):
    """Handles of more than one record in one envelope."""

    code: ClassVar[str] = "void.several-records"
    happened: ClassVar[str] = "One envelope may touch one record only."
    to_do: ClassVar[str] = "Send one envelope for each record."
