"""Golden vectors of sealing, for every implementation to pass.

    python -m tests.vectors.make_seal_vectors

Each file of `tests/vectors/seal/` has one kind of call, the arguments that its
cases share (`given`) and the cases. A case may exchange arguments (`with`), flip
one bit of one (`flip`), or put one together from slices of itself (`slices`), in
this order. It ends as `expect` says: `ok` with `result`, or the error whose code
is `sealing.` and that word. Bytes are hexadecimal; `result` is the content, or the
canonical encoding of the message. What follows from fixed keys is computed anew.
HPKE draws its own randomness, and another zstd may compress better: what they make
is made once and kept in `once.json`.
"""

import json
import sys
from pathlib import Path

from tests.vectors.seal_content import entries, manifests, paddings, streams
from tests.vectors.seal_keys import histories, keys, locks, words, wraps
from tests.vectors.seal_people import cards, invitations, shares

HOME = Path(__file__).parent / "seal"


def make(once):
    """Return all files by name; `once` keeps what HPKE sealed."""

    def kept(name, seal):
        if name not in once:
            once[name] = seal().hex()
        return once[name]

    return {
        "card": cards(kept),
        "entry": entries(kept),
        "history": histories(),
        "invitation": invitations(kept),
        "keys": keys(),
        "lock": locks(),
        "manifest": manifests(),
        "padding": paddings(),
        "share": shares(kept),
        "stream": streams(),
        "words": words(),
        "wrap": wraps(kept),
        "once": once,
    }


def written(vectors):
    """Return the text of each file."""
    return {
        f"{name}.json": json.dumps(content, indent=1, sort_keys=True) + "\n"
        for name, content in vectors.items()
    }


def main():
    """Write all files."""
    path = HOME / "once.json"
    once = json.loads(path.read_text()) if path.exists() else {}
    for name, text in written(make(once)).items():
        (HOME / name).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
