"""A second implementation of HPKE opens what we seal, and we open what it seals.

It is fetched by npm with the pinned hashes of `package-lock.json`. Without node,
npm or a registry the test says so and is skipped.
"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.sealing.known import ALICE
from tests.vectors.make_seal_vectors import HOME

SOURCE = Path(__file__).parent.parent / "node_seal"
NODE, NPM = shutil.which("node"), shutil.which("npm")

pytestmark = pytest.mark.skipif(not (NODE and NPM), reason="needs node and npm")


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """Return a folder with the script and its installed dependencies."""
    folder = tmp_path_factory.mktemp("node") / "seal"
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("node_modules"))
    quick = ["--prefer-offline", "--fetch-retries=0", "--fetch-timeout=10000"]
    command = [NPM, "ci", "--ignore-scripts", "--no-audit", *quick]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, timeout=60, check=False
        )
    except subprocess.TimeoutExpired:
        pytest.skip("npm found no registry in time")
    if done.returncode:
        pytest.skip("npm could not fetch @hpke/core and @hpke/hybridkem-x-wing")
    return folder


@pytest.fixture(scope="module")
def answer(package):
    """Return what the script printed."""
    command = [NODE, "open.mjs", str(HOME / "wrap.json"), ALICE.public.hex()]
    done = subprocess.run(
        command, cwd=package, capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def test_javascript_opens_our_wraps_and_no_others(answer):
    for case in json.loads((HOME / "wrap.json").read_text())["cases"]:
        assert answer["opened"][case["name"]] == case.get("result")


def test_we_open_what_javascript_sealed(answer):
    sealed = bytes.fromhex(answer["sealed"])
    assert ALICE.open(b"from JavaScript", sealed) == b"hello, Python"
