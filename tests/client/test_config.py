"""careledger.toml: round trips, and slips of the pen."""

import contextlib
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careledger.client.config import (
    Config,
    OrganisationSettings,
    PublicKeys,
    format_config,
    parse_config,
)
from careledger.client.problems import BadSetting, UnknownKey

# What TOML and UTF-8 can hold: no surrogates.
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
HEX = st.binary(min_size=32, max_size=32).map(bytes.hex)
CONFIGS = st.builds(
    Config,
    ledger=TEXT,
    wait_seconds=st.integers(1, 3600),
    organisation=st.builds(
        OrganisationSettings,
        name=TEXT,
        entity=TEXT,
        group=TEXT,
        kinds=st.lists(TEXT).map(tuple),
    ),
    keys=st.builds(
        PublicKeys, governors=st.lists(HEX).map(tuple), organisation=HEX, purse=HEX
    ),
)
NAMES = st.text(string.ascii_lowercase, min_size=1).map(lambda name: f"x-{name}")
FULL = format_config(
    Config(
        wait_seconds=9,
        organisation=OrganisationSettings(name="N", kinds=("hospital", "registrar")),
        keys=PublicKeys(node="00" * 32),
    )
).decode()


@given(CONFIGS)
def test_what_is_written_is_read_again(config: Config) -> None:
    assert parse_config(format_config(config)) == config


def test_nothing_set_is_all_defaults() -> None:
    assert parse_config(b"") == Config()


@given(NAMES, st.integers(1, len(FULL.splitlines())))
def test_an_unknown_setting_is_named_with_its_line(name: str, line: int) -> None:
    lines = FULL.splitlines()
    lines.insert(line, f"{name} = 1")
    with pytest.raises(UnknownKey) as caught:
        parse_config("\n".join(lines).encode())
    assert f"{name}, line {line + 1}" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("[nodes]\nname = 1", "nodes, line 1"),
        ("\n[keys.more]\na = 1", "keys.more, line 2"),
        ("keys.mode = 'x'", "keys.mode, line 1"),
        ('[keys]\n"node " = 1', "keys.node , line 1"),
        ("Ledger = 'x'", "Ledger, line 1"),
    ],
)
def test_unknown_tables_and_dotted_settings(text: str, detail: str) -> None:
    with pytest.raises(UnknownKey) as caught:
        parse_config(text.encode())
    assert caught.value.detail == detail


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("ledger = 1", "ledger"),
        ("wait-seconds = 'soon'", "wait-seconds"),
        ("wait-seconds = -1", "wait-seconds"),
        ("wait-seconds = 0", "wait-seconds"),
        ("wait-seconds = 3601", "wait-seconds"),
        ("[organisation]\nkinds = 'hospital'", "organisation.kinds"),
        ("[keys]\ngovernors = [1]", "keys.governors[0]"),
        ("keys = 1", "keys"),
        ("ledger = 'a'\nledger = 'b'\n", "line 2"),
        ("ledger", "at the end of the file"),
        ("ledger = 'x", "at the end of the file"),
    ],
)
def test_a_bad_value_is_named(text: str, detail: str) -> None:
    with pytest.raises(BadSetting) as caught:
        parse_config(text.encode())
    assert caught.value.detail == detail


@given(st.binary())
def test_any_bytes_are_settings_or_a_clear_error(raw: bytes) -> None:
    with contextlib.suppress(BadSetting, UnknownKey):
        assert isinstance(parse_config(raw), Config)
