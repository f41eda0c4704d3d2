"""The log's vectors, read by the Go checksum database's own packages."""

import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "golang"
GO = shutil.which("go")


def run(*arguments):
    return subprocess.run(
        [GO, *arguments], cwd=FOLDER, capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(GO is None, reason="Go is not installed")
def test_the_go_packages_agree_about_every_vector():
    fetched = run("mod", "download")
    if fetched.returncode:
        pytest.skip("golang.org/x/mod cannot be fetched here")
    done = run("test", "-count=1", "-v", "./...")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "--- PASS: TestTree" in done.stdout
    assert "--- PASS: TestCheckpoint" in done.stdout
