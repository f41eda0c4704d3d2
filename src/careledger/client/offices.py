"""The keys of a home: one seed, one key for each office it holds.

seed (32 bytes, locked under a passphrase)
├── governor i      decides, with others, who is in the network
├── organisation    acts for the organisation; mailbox i opens its post
├── node            vouches for the log: Ed25519 and ML-DSA-44
├── purse           the home's own coin
├── issuer, tags    a registrar's endorsements and emergency tags
├── pools           a hospital's fresh keys, one for each record
└── person          a patient's or practitioner's keystore
"""

from typing import ClassVar, Final

from careledger.client.config import PublicKeys
from careledger.client.problems import KeysDiffer, NoSuchOffice
from careledger.primitives.hashing import same
from careledger.primitives.mldsa import MlDsaKey
from careledger.primitives.signing import SigningKey
from careledger.sealing.hpke import OpeningKey
from careledger.sealing.keys import derive
from careledger.sealing.seeds import purse_key

_PURSE_CONTEXT: Final = b"home"


class Offices:
    """The unlocked keys of a home, each derived when it is asked for."""

    _GOVERNOR: ClassVar = b"careledger/home-governor/v1"
    _ORGANISATION: ClassVar = b"careledger/home-organisation/v1"
    _MAILBOX: ClassVar = b"careledger/home-mailbox/v1"
    _NODE: ClassVar = b"careledger/home-node/v1"
    _NODE_ML_DSA: ClassVar = b"careledger/home-node-ml-dsa/v1"
    _ISSUER: ClassVar = b"careledger/home-issuer/v1"
    _TAGS: ClassVar = b"careledger/home-tags/v1"
    _POOLS: ClassVar = b"careledger/home-pools/v1"
    _PERSON: ClassVar = b"careledger/home-person/v1"
    _SAFE: ClassVar = b"careledger/home-safe/v1"

    __slots__ = ("_seed",)

    def __init__(self, seed: bytes) -> None:
        self._seed = seed

    def governor(self, number: int) -> SigningKey:
        """Return governor key `number`, from 0."""
        return SigningKey(derive(self._seed, self._GOVERNOR, number.to_bytes(8, "big")))

    def organisation(self) -> SigningKey:
        """Return the key that acts for the organisation."""
        return SigningKey(derive(self._seed, self._ORGANISATION))

    def mailbox(self, number: int) -> OpeningKey:
        """Return mailbox key `number`, from 0: it changes with the months."""
        return OpeningKey(derive(self._seed, self._MAILBOX, number.to_bytes(8, "big")))

    def node(self) -> SigningKey:
        """Return the key that signs every checkpoint."""
        return SigningKey(derive(self._seed, self._NODE))

    def node_ml_dsa(self) -> MlDsaKey:
        """Return the key that outlives Ed25519: it signs a checkpoint a day."""
        return MlDsaKey(derive(self._seed, self._NODE_ML_DSA))

    def purse(self) -> SigningKey:
        """Return the key of the home's own purse."""
        return purse_key(self._seed, _PURSE_CONTEXT, 0)

    def issuer(self) -> SigningKey:
        """Return the key with which a registrar endorses handles."""
        return SigningKey(derive(self._seed, self._ISSUER))

    def tags(self) -> bytes:
        """Return the key of a registrar's emergency tags."""
        return derive(self._seed, self._TAGS)

    def pools(self) -> bytes:
        """Return the seed of a hospital's fresh keys."""
        return derive(self._seed, self._POOLS)

    def person(self) -> bytes:
        """Return the seed of the keystore of whose home this is."""
        return derive(self._seed, self._PERSON)

    def safe(self) -> bytes:
        """Return the key that seals what this home keeps in files of its own."""
        return derive(self._seed, self._SAFE)


def check_public_keys(offices: Offices, claimed: PublicKeys) -> None:
    """Check that the public keys a home states are those of its seed.

    Raises:
        KeysDiffer: one is not; `detail` names the office.
    """
    pairs = [
        ("organisation", claimed.organisation, offices.organisation),
        ("node", claimed.node, offices.node),
        ("purse", claimed.purse, offices.purse),
    ]
    for office, stated, key in pairs:
        if stated and not same(stated.encode(), key().public.hex().encode()):
            raise KeysDiffer(office)
    for number, stated in enumerate(claimed.governors):
        if stated != offices.governor(number).public.hex():
            raise KeysDiffer(f"governor {number + 1}")


def stated_key(claimed: str, office: str) -> bytes:
    """Return a public key from the settings.

    Raises:
        NoSuchOffice: the home has no key of this kind.
    """
    if not claimed:
        raise NoSuchOffice(office)
    return bytes.fromhex(claimed)
