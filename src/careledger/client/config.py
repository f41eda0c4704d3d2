"""`careledger.toml`: what a home is. Unknown settings are refused.

    ledger = "ledger.db"
    wait-seconds = 30

    [organisation]
    name = "Riverside Hospital"
    entity = "529900T8BM49AURSDO55"
    kinds = ["hospital", "registrar"]

    [keys]
    organisation = "64 hexadecimal digits"

`[keys]` holds public halves, so that looking something up needs no passphrase;
they are compared with the seed whenever it is unlocked.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

import msgspec

from careledger.client.problems import BadSetting, UnknownKey


class _Table(
    msgspec.Struct, frozen=True, kw_only=True, rename="kebab", omit_defaults=True
):
    """The base of every table of the file."""


class OrganisationSettings(_Table, frozen=True, kw_only=True):
    """What the home's organisation says about itself.

    Attributes:
        name: its public name.
        entity: its legal entity (LEI, or a national number).
        group: the head of its group; empty: it is its own.
        kinds: what it acts as.
    """

    name: str = ""
    entity: str = ""
    group: str = ""
    kinds: tuple[str, ...] = ()


class PublicKeys(_Table, frozen=True, kw_only=True):
    """The public keys of the home, in hexadecimal; empty: it has none.

    Attributes:
        governors: keys that take part in governing the network.
        organisation: the key that acts for the organisation.
        node: the key that vouches for the log.
        purse: the home's own purse.
    """

    governors: tuple[str, ...] = ()
    organisation: str = ""
    node: str = ""
    purse: str = ""


class PersonSettings(_Table, frozen=True, kw_only=True):
    """Whose home this is; the names are empty for a patient.

    Attributes:
        name: as in the directory.
        organisation: that answers for the person, as in the directory.
        post: directory of the home where that organisation sorts the person's post;
            empty: the node's hospital does.
        joined: whether a patient has a record, so that no hint says to register.
    """

    name: str = ""
    organisation: str = ""
    post: str = ""
    joined: bool = False


class Config(_Table, frozen=True, kw_only=True):
    """All settings of a home.

    Attributes:
        ledger: the ledger's file, from the home's directory.
        wait_seconds: how long a command waits for a verdict; 1 to 3,600.
        node: directory of the home whose node this one speaks to.
        person: whose home this is.
        organisation: who this home acts for.
        keys: its public keys.
    """

    ledger: str = "ledger.db"
    wait_seconds: Annotated[int, msgspec.Meta(ge=1, le=3600)] = 30
    node: str = ""
    person: PersonSettings = PersonSettings()
    organisation: OrganisationSettings = OrganisationSettings()
    keys: PublicKeys = PublicKeys()


_FIRST_LINE: Final = "# A CareLedger home. Every setting: docs/operations.md\n"


def parse_config(raw: bytes) -> Config:
    """Return the settings that a `careledger.toml` spells.

    Raises:
        UnknownKey: a setting that does not exist; `detail` has name and line.
        BadSetting: no TOML, or a value of the wrong type.
    """
    try:
        text = raw.decode()
        found = tomllib.loads(text)
    except UnicodeDecodeError:
        raise BadSetting("not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise BadSetting(_place(str(error))) from None
    for path in _unknown(found, Config):
        raise UnknownKey(f"{'.'.join(path)}, line {_line_of(text, path)}")
    try:
        return msgspec.convert(found, Config)
    except msgspec.ValidationError as error:
        raise BadSetting(str(error).rpartition("`$.")[2].rstrip("`")) from None


def format_config(config: Config) -> bytes:
    """Return the bytes of a `careledger.toml`: what `parse_config` reads."""
    return "".join([_FIRST_LINE, *_lines(msgspec.to_builtins(config))]).encode()


def _lines(table: Mapping[str, Any], name: str = "") -> Iterator[str]:
    inner = {key: value for key, value in table.items() if isinstance(value, dict)}
    if name:
        yield f"\n[{name}]\n"
    for key, value in table.items():
        if key not in inner:
            # JSON's numbers, strings and lists are TOML's as well, but for DEL.
            spelled = msgspec.json.encode(value).decode().replace("\x7f", "\\u007f")
            yield f"{key} = {spelled}\n"
    for key, value in inner.items():
        yield from _lines(value, key)


def _unknown(
    table: Mapping[str, Any], kind: type[_Table], above: tuple[str, ...] = ()
) -> Iterator[tuple[str, ...]]:
    """Yield the path of each setting that `kind` does not have."""
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for name, value in table.items():
        if name not in fields:
            yield (*above, name)
        elif isinstance(value, dict) and isinstance(fields[name].default, _Table):
            yield from _unknown(value, type(fields[name].default), (*above, name))


def _line_of(text: str, path: tuple[str, ...]) -> int:
    """Return the line where a setting first stands; the file's first if unsure."""
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[+([^\]]+)\]", line)
        setting = re.match(r"\s*([\w.\"'-]+)\s*=", line)
        if header:
            table = _names(header[1])
            here = table
        elif setting:
            here = (*table, *_names(setting[1]))
        else:
            continue
        if here[: len(path)] == path:
            return number
    return 1


def _names(dotted: str) -> tuple[str, ...]:
    return tuple(name.strip().strip("\"'") for name in dotted.split("."))


def _place(message: str) -> str:
    """Return what a TOML error says about the place, and nothing of the content."""
    found = re.search(r"line (\d+)", message)
    return f"line {found[1]}" if found else "at the end of the file"
