"""After both workflows: nothing of theirs in the node's and vault's files and memory."""

import shutil
import sys

import pytest

from tools.canaries.actors import LOG
from tools.canaries.forms import Marker
from tools.canaries.scan import scan_files
from tools.canaries.search import Search
from tools.canaries.story import TEXTS, Told, look

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="memory is read by /proc"
)


@pytest.fixture(scope="module")
def told(lived) -> Told:
    return look(lived.scene, lived.node)


def test_nothing_has_leaked(told):
    assert told.files.found == []
    assert told.memory.found == []


def test_everything_was_searched(told):
    files = dict(told.files.searched)
    names = ("ledger.db", "ledger.db-wal", "ledger.db-shm", "ledger.db.lock", LOG)
    for name in (*names, "vault.db", "vault.db-wal", "keystore", "tokens.sealed"):
        assert any(one.endswith(name) for one in files), name
    large = [size for one, size in files.items() if "vault.db.blobs/" in one]
    assert max(large) > 64 * 1024
    regions = [name for name, _ in told.memory.searched]
    assert any("[heap]" in one for one in regions)
    assert any("[stack]" in one for one in regions)
    assert told.memory.size > 50_000_000
    assert all("[v" in one for one in told.memory.unreadable)
    assert told.memory.markers > 100


def test_what_is_public_was_found_there(told):
    """The positive control: a scan that finds nothing at all has not looked."""
    for control in (told.control_files, told.control_memory):
        assert {one.marker for one in control.found}
    assert len({one.marker for one in told.control_files.found}) == 2


def test_one_careless_line_would_be_found(lived, tmp_path):
    name = TEXTS["family name"]
    shutil.copy(lived.scene.hospital.path / LOG, tmp_path)
    with (tmp_path / LOG).open("a") as log:
        log.write(f"WARN cannot store {name.encode()!r}\n")
    search = Search([Marker("family name", name.encode(), text=True)])
    found = scan_files(search, tmp_path).found
    assert [(one.where, one.encoding) for one in found] == [(LOG, "repr")]
