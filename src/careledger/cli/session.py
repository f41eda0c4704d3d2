"""One run of a command: which home, how to speak, where secrets come from."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from careledger.cli.output import Output
from careledger.cli.passphrase import ask_passphrase
from careledger.cli.problems import EmptyVariable
from careledger.client.home import (
    Home,
    NewHome,
    check_closed,
    find_home,
    new_home,
    unlock_home,
)
from careledger.client.offices import Offices
from careledger.client.problems import NoGenesis

HOME_VARIABLE: Final = "CARELEDGER_HOME"
"""In the environment: the home to use, where none is named on the command line."""


@dataclass(frozen=True)
class Session:
    """What every command gets.

    Attributes:
        named: the home's directory as it was named, if it was.
        out: where to speak.
        descriptor: where to read the passphrase instead of asking.
    """

    named: Path | None
    out: Output
    descriptor: int | None

    @property
    def path(self) -> Path:
        """The home's directory, whether there is one or not.

        Raises:
            EmptyVariable: it was to come from the environment, which names nothing.
        """
        return self.named or default_home()

    def home(self) -> Home:
        """Return the home; from here on the output says if it is simulated.

        Raises:
            NoHome: there is none, and what else `find_home` says.
        """
        home = find_home(self.path)
        try:
            self.out.simulated = home.network.simulated
        except NoGenesis:
            self.out.simulated = False
        return home

    def unlock(self, home: Home) -> Offices:
        """Return the keys of the home, after asking for its passphrase.

        Raises:
            TooOpen: others may read or change home or seed; nothing was asked.
            NoPassphrase: nobody to ask.
            WrongPassphrase: it is not the one.
        """
        check_closed(home)
        said = ask_passphrase(f"of {home.path}", self.descriptor)
        return unlock_home(home, said)

    def new_home(self) -> NewHome:
        """Return a new home, in memory, after asking for a new passphrase.

        Raises:
            NoPassphrase: nobody to ask, or two that differ.
            HomeExists: there is a home already.
        """
        said = ask_passphrase(f"for {self.path}", self.descriptor, new=True)
        return new_home(self.path, said)


def default_home() -> Path:
    """Return where this platform keeps a user's data.

    Raises:
        EmptyVariable: `CARELEDGER_HOME` is set, so another place was meant.
    """
    if HOME_VARIABLE in os.environ:
        raise EmptyVariable
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "CareLedger"
    base = os.environ.get("XDG_DATA_HOME", "")
    return (Path(base) if base else Path.home() / ".local" / "share") / "careledger"
