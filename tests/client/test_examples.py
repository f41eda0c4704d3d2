"""The examples in the docstrings are true."""

import doctest

import pytest

from careledger import local
from careledger.client import owner, patient, practitioner


@pytest.mark.parametrize("module", [local, owner, patient, practitioner])
def test_examples(module) -> None:
    result = doctest.testmod(module)
    assert (result.failed, result.attempted > 0) == (0, True)
