"""An actor's keystore: its seed, and which handle is for which record.

Handles are used in order, each for one record once. The map from index to record
is sealed under a key of the seed and saved whole before a handle is used, so a
crash can waste a handle and never use one twice. The seed itself is locked under
a passphrase by whoever keeps it (`client.home`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import msgspec

from careledger.client.files import read_private_sealed_file, write_sealed_file
from careledger.client.problems import HalfWritten
from careledger.client.session_problems import NoHandlesLeft, NotInThisHome
from careledger.ledger.actions.base import Hash
from careledger.ledger.actions.referral import Endorsed
from careledger.ledger.actions.registry import HandleRole
from careledger.ledger.refusals.base import Refusal, Void
from careledger.primitives.encoding import NotCanonical, UInt, decode, encode
from careledger.sealing import aead
from careledger.sealing.chance import random_bytes
from careledger.sealing.keyring import Keyring
from careledger.sealing.keys import KEY_SIZE, Key, derive
from careledger.sealing.problems import Tampered
from careledger.sealing.secret import Secret
from careledger.sealing.seeds import KeyPair, handle_keys, member_keys

GAP: Final = 50
"""Unused handles after which a search for used ones gives up."""

UNGUARDED: Final = 2**53 - 1
"""For `Used.recovery`: the record's recovery key is not of this keystore's secret."""

WITNESSED: Final = UNGUARDED - 1
"""For `Used.recovery`: as `UNGUARDED`; a hospital asked for the record, as witness."""

MOST_POOLED: Final = 40
"""Endorsed handles that may lie unused: fewer than `GAP`, or some were not found."""

_FILE_MARKER: Final = b"careledger/keystore/v1\n"
_KEY: Final = b"careledger/keystore/v1"

Label = Annotated[str, msgspec.Meta(max_length=200)]


class Used(Secret, frozen=True):
    """A handle that has been given to a record.

    Attributes:
        index: of the handle.
        record: where it sits; empty until that is known.
        label: what its owner calls the record.
        recovery: number of the record's recovery key, `UNGUARDED` or `WITNESSED`; for
            the owner.
        role: in which it was endorsed; `practitioner` for who needs none.
        kept: a keyring that came by no wrap: from shares of an emergency plan, or
            from the recovery key, when the record was asked back.
    """

    index: UInt
    record: bytes
    label: Label
    recovery: UInt = 0
    role: HandleRole = "practitioner"
    kept: Keyring | None = None


class Token(Secret, frozen=True):
    """A token for one owner handle.

    Attributes:
        index: of the handle in the keystore.
        key_id: of the token key.
        token: the unblinded signature.
    """

    index: UInt
    key_id: Hash
    token: Annotated[bytes, msgspec.Meta(max_length=512)]


class Pooled(Secret, frozen=True):
    """An endorsed handle that waits to be used."""

    index: UInt
    endorsed: Endorsed


class Task(Secret, frozen=True):
    """Something to be done at a time that says nothing.

    Attributes:
        due: milliseconds.
        label: of the record to open.
        member: whom to invite.
    """

    due: UInt
    label: Label
    member: bytes


class Kept(Secret, frozen=True):
    """What a keystore's file holds.

    Attributes:
        next: the first handle that was never used or pooled.
        used: handles in records.
        pool: endorsed handles, in order.
        recovery_secret: the root of the recovery keys.
        next_recovery: the first recovery key that was never used.
        tasks: what is still to be done.
        feed: how far the feed of invitations has been read.
        tokens: unspent ones, in order.
    """

    next: UInt = 0
    used: tuple[Used, ...] = ()
    pool: tuple[Pooled, ...] = ()
    recovery_secret: Key = bytes(KEY_SIZE)
    next_recovery: UInt = 0
    tasks: tuple[Task, ...] = ()
    feed: Annotated[int, msgspec.Meta(ge=-1)] = -1
    tokens: tuple[Token, ...] = ()


class Keystore:
    """The keys of one actor on one device.

    Attributes:
        member: the key pair that the directory shows.
        kept: the map, as it is on disk.
    """

    def __init__(
        self, seed: bytes, device: bytes = b"1", path: Path | None = None
    ) -> None:
        """Open the keystore of a seed; one without a file lives in memory.

        Raises:
            HalfWritten: the file is cut, changed, or another keystore's; `detail`
                names it. The map can be recovered (`client.recovering`).
            TooOpen: others on this machine may read or change the file.
        """
        self.seed, self.device, self._path = seed, device, path
        self.member = member_keys(seed)
        self.kept = Kept(recovery_secret=random_bytes(KEY_SIZE))
        if path is not None and path.exists():
            self.kept = self._load(path)

    def keys(self, index: int) -> KeyPair:
        """Return the key pair of handle `index`."""
        return handle_keys(self.seed, self.device, index)

    def take(self, label: str, recovery: int = 0) -> int:
        """Return the next handle that was never used; it counts as used now."""
        index = self.kept.next
        used = (*self.kept.used, Used(index, b"", label, recovery))
        self.change(next=index + 1, used=used)
        return index

    def take_endorsed(self, role: str, label: str) -> tuple[int, Endorsed]:
        """Return the next endorsed handle for a role; it counts as used now.

        Raises:
            NoHandlesLeft: the pool has none for this role.
        """
        for one in self.kept.pool:
            if one.endorsed.endorsement.role == role:
                pool = tuple(other for other in self.kept.pool if other is not one)
                taken = Used(one.index, b"", label, role=one.endorsed.endorsement.role)
                used = (*self.kept.used, taken)
                self.change(pool=pool, used=used)
                return one.index, one.endorsed
        raise NoHandlesLeft

    def take_token(self, label: str) -> Token | None:
        """Return the next unspent token, its handle now labelled, if there is one."""
        if not self.kept.tokens:
            return None
        token, *rest = self.kept.tokens
        used = tuple(
            msgspec.structs.replace(one, label=label)
            if one.index == token.index
            else one
            for one in self.kept.used
        )
        self.change(tokens=tuple(rest), used=used)
        return token

    def settle(self, index: int, record: bytes, kept: Keyring | None = None) -> None:
        """Note which record a used handle sits in."""
        used = tuple(
            msgspec.structs.replace(one, record=record, kept=kept or one.kept)
            if one.index == index
            else one
            for one in self.kept.used
        )
        self.change(used=used)

    @contextmanager
    def settled(self, index: int, record: bytes) -> Iterator[None]:
        """Note where a handle will sit before it is used; not so, if that fails.

        A crash in between leaves the note: the ledger may have heard of it.
        """
        self.settle(index, record)
        try:
            yield
        except (Refusal, Void):
            self.settle(index, b"")
            raise

    def guard_with(self, recovery_secret: bytes, following: int) -> None:
        """Take another recovery secret; what the one of before guarded is unguarded.

        Args:
            recovery_secret: 32 bytes, as the guardians have it.
            following: the first of its keys that no record uses.
        """
        used = self.kept.used
        if recovery_secret != self.kept.recovery_secret:
            used = tuple(
                one
                if one.recovery == WITNESSED
                else msgspec.structs.replace(one, recovery=UNGUARDED)
                for one in used
            )
        self.change(used=used, recovery_secret=recovery_secret, next_recovery=following)

    def rename(self, record: bytes, label: str) -> None:
        """Call a record otherwise, whichever handles it was ever asked for with."""
        used = tuple(
            msgspec.structs.replace(one, label=label) if one.record == record else one
            for one in self.kept.used
        )
        self.change(used=used)

    def find(self, record: bytes) -> Used:
        """Return the handle that sits in a record; the newest, if it was replaced.

        Raises:
            NotInThisHome: none does.
        """
        for one in reversed(self.kept.used):
            if one.record == record:
                return one
        raise NotInThisHome

    def find_asked(self, record: bytes) -> Used:
        """Return the handle for which guardians' shares asked a record back.

        Raises:
            NotInThisHome: none.
        """
        used = self.find(record)
        if used.kept is None or used.recovery >= WITNESSED:
            raise NotInThisHome
        return used

    def change(self, **changes: object) -> None:
        """Change the map and save it. When this returns, it survives power loss."""
        kept = msgspec.structs.replace(self.kept, **changes)
        if self._path is not None:
            key = derive(self.seed, _KEY)
            sealed = aead.seal_with(key, _KEY, encode(kept), random_bytes)
            write_sealed_file(self._path, _FILE_MARKER, sealed)
        self.kept = kept

    def _load(self, path: Path) -> Kept:
        sealed = read_private_sealed_file(path, _FILE_MARKER)
        try:
            return decode(aead.open_with(derive(self.seed, _KEY), _KEY, sealed), Kept)
        except (Tampered, NotCanonical):
            raise HalfWritten(str(path)) from None
