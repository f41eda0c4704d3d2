"""What can go wrong with sealed things, as the person who opens them sees it.

    CareLedgerError
    ├── NotARecipient      not sealed to this key
    ├── Tampered           meant for this key, and not what was sealed
    ├── NotHeld            the keyring does not reach this entry or epoch
    ├── BadKey             a public key that nothing can be sealed to
    ├── TooLarge           more than a body, an entry or a keyring may hold
    ├── WrongSize          an attachment that is not as long as was said
    ├── Unverified         an identity card that its endorsement does not back
    ├── WrongPassphrase    a lock that this passphrase does not open
    ├── DamagedLock        a lock whose bytes have changed
    ├── WeakLock           a lock with parameters below the floor
    ├── WrongWords         recovery words with a mistake in them
    └── WrongShares        shares that do not give the secret back

None of them ever carries a key, a passphrase, a share or a plaintext.
"""

from typing import ClassVar

from careledger.errors import CareLedgerError


class NotARecipient(CareLedgerError):
    """Something that does not open with this key.

    HPKE cannot tell a wrong key from changed bytes (RFC 9180 §5.2): where the
    recipient is known from elsewhere, `Tampered` is raised instead.
    """

    code: ClassVar[str] = "sealing.not-a-recipient"
    happened: ClassVar[str] = "This was not sealed to you."
    to_do: ClassVar[str] = "Ask the person who shared it to share it with you again."


class Tampered(CareLedgerError):
    """Something meant for this key that is not what was sealed."""

    code: ClassVar[str] = "sealing.tampered"
    happened: ClassVar[str] = "The sealed data has been changed, cut or mixed up."
    to_do: ClassVar[str] = "Fetch it again from another custodian and report this copy."


class NotHeld(CareLedgerError):
    """A key that the keyring does not reach."""

    code: ClassVar[str] = "sealing.not-held"
    happened: ClassVar[str] = "Your keys for this record do not reach this entry."
    to_do: ClassVar[str] = (
        "Ask the owner of the record for access to it; after a pause of yours, let the"
        " owner use the record once: that gives you the keys that you missed."
    )


class BadKey(CareLedgerError):
    """A public key that nothing can be sealed to."""

    code: ClassVar[str] = "sealing.bad-key"
    happened: ClassVar[str] = "The recipient's key is not a valid X-Wing public key."
    to_do: ClassVar[str] = "Ask the recipient to publish the key again."


class TooLarge(CareLedgerError):
    """More than a body, an entry or a keyring may hold."""

    code: ClassVar[str] = "sealing.too-large"
    happened: ClassVar[str] = "This is more than can be sealed in one piece."
    to_do: ClassVar[str] = "Split it, or add it as an attachment."


class WrongSize(CareLedgerError):
    """An attachment that is not as long as was said."""

    code: ClassVar[str] = "sealing.wrong-size"
    happened: ClassVar[str] = "The attachment changed its size while it was read."
    to_do: ClassVar[str] = "Close the program that writes to it and add it again."


class Unverified(CareLedgerError):
    """An identity card that does not open the endorsement's commitment."""

    code: ClassVar[str] = "sealing.unverified-card"
    happened: ClassVar[str] = "The registrar did not vouch for this identity card."
    to_do: ClassVar[str] = "Show the person as unverified; ask them in another way."


class WrongPassphrase(CareLedgerError):
    """A lock that this passphrase does not open."""

    code: ClassVar[str] = "sealing.wrong-passphrase"
    happened: ClassVar[str] = "The passphrase is wrong."
    to_do: ClassVar[str] = (
        "Type it again: nobody can reset it. Only a person's own recovery words can"
        " stand in for it."
    )


class DamagedLock(CareLedgerError):
    """A lock whose bytes have changed since it was written."""

    code: ClassVar[str] = "sealing.damaged-lock"
    happened: ClassVar[str] = (
        "The locked file is damaged; the passphrase was not tried."
    )
    to_do: ClassVar[str] = (
        "Restore the file from a backup; a person can also use recovery words."
    )


class WeakLock(CareLedgerError):
    """A lock with parameters that no version of this program ever wrote."""

    code: ClassVar[str] = "sealing.weak-lock"
    happened: ClassVar[str] = "The lock is weaker, or far costlier, than is allowed."
    to_do: ClassVar[str] = (
        "Do not enter your passphrase: the file was replaced. Restore a backup."
    )


class WrongWords(CareLedgerError):
    """Recovery words with a mistake in them."""

    code: ClassVar[str] = "sealing.wrong-words"
    happened: ClassVar[str] = "These are not 24 valid recovery words in their order."
    to_do: ClassVar[str] = "Compare each word with your recovery sheet."


class WrongShares(CareLedgerError):
    """Shares that do not give the secret back."""

    code: ClassVar[str] = "sealing.wrong-shares"
    happened: ClassVar[str] = "These shares do not belong together, or are too few."
    to_do: ClassVar[str] = "Bring two different, unchanged shares of the same set."
