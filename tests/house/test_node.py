"""The log's ML-DSA-44 vectors, verified by another implementation in Node."""

import shutil
import subprocess
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
NPM, NODE = shutil.which("npm"), shutil.which("node")


@pytest.mark.skipif(not (NPM and NODE), reason="Node and npm are not installed")
def test_noble_agrees_about_every_mldsa_vector(tmp_path):
    for name in ("package.json", "package-lock.json", "verify.mjs"):
        shutil.copy(TESTS / "node" / name, tmp_path)
    install = [NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    fetched = subprocess.run(install, cwd=tmp_path, capture_output=True, check=False)
    if fetched.returncode:
        pytest.skip("@noble/post-quantum cannot be fetched here")
    vectors = TESTS / "vectors" / "log" / "mldsa.json"
    done = subprocess.run(
        [NODE, "verify.mjs", vectors],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 of 2 as expected" in done.stdout
