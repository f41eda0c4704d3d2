"""What others wrote reaches no terminal as anything but text."""

import json

import pytest

from careledger.cli.output import Output, table
from careledger.errors import CareLedgerError

HOSTILE = "".join(map(chr, (27, ord("["), 7, 10, 0x9B, 0x202E, 0x2066)))
SHOWN = r"\x1b[\x07\n\x9b\u202e\u2066"


class Named(CareLedgerError):
    """An error that names what somebody typed."""

    code = "test.named"
    happened = "It happened."
    to_do = "Do it."


def test_text_is_printed_with_nothing_hidden(capsys) -> None:
    out = Output(as_json=False, debug=False)
    out.answer({}, HOSTILE, *table({"label": HOSTILE}))
    out.note(HOSTILE)
    out.fail(Named(HOSTILE[:3] + HOSTILE[4:]), None, HOSTILE)
    said = capsys.readouterr()
    assert said.out == f"{SHOWN}\n  label  {SHOWN}\n{SHOWN}\n"
    assert said.err.startswith(SHOWN + "\n")
    assert said.err.isascii()
    assert chr(27) not in said.err


@pytest.mark.parametrize("simulated", [False, True])
def test_json_is_escaped_and_means_the_same(capsys, simulated) -> None:
    Output(as_json=True, debug=False, simulated=simulated).answer({"label": HOSTILE})
    said = capsys.readouterr().out
    assert said.isascii()
    assert json.loads(said)["label"] == HOSTILE
