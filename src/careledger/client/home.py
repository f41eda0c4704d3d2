"""A home: the directory of one actor, with its settings, seed and network.

    careledger.toml   settings and public keys; last written: without it, no home
    seed.locked       the seed, under a passphrase
    genesis           the network it belongs to
    ledger.db         the ledger, where the home runs a node; its rows beside it

The directory is for its owner only (0700, files 0600).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from careledger.client.config import (
    Config,
    PublicKeys,
    format_config,
    parse_config,
)
from careledger.client.files import (
    check_private,
    make_directory,
    read_file,
    write_file,
)
from careledger.client.offices import Offices, check_public_keys
from careledger.client.problems import (
    CannotRead,
    HalfMade,
    HomeExists,
    NoGenesis,
    NoHome,
    NotEmpty,
    NothingSet,
    OtherNetwork,
    SeedMissing,
)
from careledger.ledger.genesis import BadGenesis, Genesis, chain_id, read_genesis
from careledger.sealing.chance import random_bytes
from careledger.sealing.passphrase import lock, unlock
from careledger.sealing.problems import DamagedLock

CONFIG: Final = "careledger.toml"
SEED: Final = "seed.locked"
GENESIS: Final = "genesis"


@dataclass(frozen=True)
class Home:
    """An existing home.

    Attributes:
        path: its directory.
        config: its settings.
    """

    path: Path
    config: Config

    @property
    def ledger(self) -> Path:
        """The ledger's file, whether it exists or not."""
        return self.path / self.config.ledger

    @property
    def genesis(self) -> bytes:
        """The genesis file of the home's network.

        Raises:
            NoGenesis: the home belongs to none yet.
        """
        path = self.path / GENESIS
        if not path.exists():
            raise NoGenesis
        return read_file(path)

    @property
    def network(self) -> Genesis:
        """The network it belongs to.

        Raises:
            NoGenesis: none yet.
            BadGenesis: the file is damaged; `detail` has the path.
        """
        raw = self.genesis
        try:
            return read_genesis(raw)
        except BadGenesis as error:
            raise BadGenesis(str(self.path / GENESIS)) from error

    @property
    def chain_id(self) -> bytes:
        """The chain id of the home's network (32 bytes)."""
        return chain_id(self.genesis)


def find_home(path: Path) -> Home:
    """Return the home in a directory.

    Raises:
        NoHome: there is none.
        HalfMade: its making was interrupted.
        UnknownKey: a setting that does not exist.
        BadSetting: a setting that cannot be read.
        NothingSet: neither keys nor a node are named.
    """
    settings = path / CONFIG
    if settings.exists():
        config = parse_config(read_file(settings))
        if config.keys == PublicKeys() and not config.node:
            raise NothingSet(str(settings))
        return Home(path, config)
    if (path / SEED).exists():
        raise HalfMade(str(path))
    raise NoHome(str(path))


@dataclass(frozen=True)
class NewHome:
    """A home that is being made: nothing is on disk until `begin_home`.

    Attributes:
        path: its directory.
        offices: its keys.
        locked: its seed under the passphrase.
    """

    path: Path
    offices: Offices
    locked: bytes


def new_home(path: Path, passphrase: str) -> NewHome:
    """Return a new home with fresh keys, in memory.

    Raises:
        HomeExists: there is one.
        HalfMade: the making of one was interrupted here.
        NotEmpty: the directory is used for something else.
    """
    try:
        find_home(path)
    except NoHome:
        check_empty(path)
        seed = random_bytes(32)
        return NewHome(path, Offices(seed), lock(passphrase, seed))
    raise HomeExists(str(path))


def check_empty(path: Path) -> None:
    """Check that nothing is where a home is to be made: it is closed to all others.

    Raises:
        NotEmpty: a directory with files of somebody's.
        CannotRead: a directory that we may not look into.
    """
    try:
        if path.is_dir() and any(path.iterdir()):
            raise NotEmpty(str(path))
    except OSError as error:
        raise CannotRead(str(path)) from error


def begin_home(new: NewHome) -> None:
    """Write the directory and the seed; `save_settings` makes it a home.

    Raises:
        CannotWrite: the directory or its disk says no.
    """
    make_directory(new.path)
    write_file(new.path / SEED, new.locked)


def save_settings(path: Path, config: Config) -> Home:
    """Write a home's settings. For a new home this is the commit point."""
    write_file(path / CONFIG, format_config(config))
    return Home(path, config)


def unlock_home(home: Home, passphrase: str) -> Offices:
    """Return the keys of a home.

    Raises:
        TooOpen: others on this machine may read or change the home or its seed.
        WrongPassphrase: another passphrase locked it.
        DamagedLock: the seed's file is cut or changed; `detail` has the path.
        KeysDiffer: the settings state keys that are not of this seed.
    """
    path = home.path / SEED
    check_closed(home)
    locked = read_file(path)
    try:
        offices = Offices(unlock(passphrase, locked))
    except DamagedLock as error:
        raise DamagedLock(str(path)) from error
    check_public_keys(offices, home.config.keys)
    return offices


def check_closed(home: Home) -> None:
    """Check that home and seed are for their owner only.

    Raises:
        SeedMissing: the seed is not there.
        TooOpen: others on this machine may read or change one of them.
    """
    check_private(home.path)
    if not (home.path / SEED).exists():
        raise SeedMissing(str(home.path / SEED))
    check_private(home.path / SEED)


def keep_genesis(path: Path, raw: bytes) -> None:
    """Make the home in `path` belong to a network, for good.

    Raises:
        BadGenesis: no genesis of this version of the rules.
        OtherNetwork: it belongs to another one.
    """
    read_genesis(raw)
    place = path / GENESIS
    if place.exists() and read_file(place) != raw:
        raise OtherNetwork
    if not place.exists():
        write_file(place, raw)
