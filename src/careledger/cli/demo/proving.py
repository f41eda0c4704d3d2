"""Scene: a proof that another program checks, without CareLedger."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from careledger import offline
from careledger.cli.demo.stage import Stage
from careledger.cli.demo.story import Story
from careledger.cli.network import TRUST
from careledger.cli.proof import proof_file, prove_transaction
from careledger.client.files import read_file, write_file
from careledger.client.trust import checkpoint_signer, parse_trust


def play_proving(stage: Stage, story: Story) -> None:
    """Prove a payment, let another process check it, then spoil the proof."""
    tx_id, path = stage.acknowledged[-1], stage.folder / "payment.tlog-proof"
    with stage.open() as engine:
        proven, position = prove_transaction(engine.query, tx_id)
        sign = checkpoint_signer(stage.hospital.network, stage.new.offices)
        note = engine.checkpoint(sign)
        raw = proof_file(engine.query, note, proven, position)
    write_file(path, raw)
    story.tell(
        f"size of {path.name}",
        len(raw),
        lambda size: f"A proof of the last of these payments is a file of {size:,} B.",
    )
    story.tell(
        "offline.py in a process of its own",
        _check_elsewhere(stage, path),
        lambda v: (
            f"Another process checked it with one file of code: transaction"
            f" {v['tx_id'][:12]}… is {v['code']}, on {v['word']}."
        ),
    )
    spoilt = raw.replace(b"index ", b"index 1", 1)
    write_file(path, spoilt)
    story.tell(
        "offline.py, one digit changed",
        _check_elsewhere(stage, path),
        lambda v: f"With one digit changed, it says: {v['refused']}.",
    )


def _check_elsewhere(stage: Stage, path: Path) -> dict[str, Any]:
    """Return what the stand-alone verifier says about a proof."""
    name = stage.hospital.path / TRUST
    trust = parse_trust(read_file(name), str(name))
    command = [sys.executable, str(offline.__file__), str(path), "--json"]
    command += ["--key", *trust.log, "--quorum", *trust.node]
    done = subprocess.run(  # noqa: S603 (our own interpreter, our own files)
        command, capture_output=True, text=True, check=False
    )
    if done.returncode:
        return {"refused": done.stderr.strip().removeprefix("REFUSED: ")}
    return dict(json.loads(done.stdout))
