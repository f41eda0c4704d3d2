"""The proofs that tests of the verifier start from, and whom it trusts."""

import pytest

from careledger import offline
from careledger.primitives.notes import ED25519, ED25519_COSIGNATURE
from tests.vectors import make_log_vectors as made

NOW, NODES, WITNESS = made.NOW + 60, made.NODES, made.WITNESS

LOG = [made.vkey(made.ORIGIN, ED25519)]
QUORUM = [made.vkey(name, ED25519_COSIGNATURE) for name in NODES]
WITNESSES = [made.vkey(WITNESS, ED25519_COSIGNATURE)]
TRUST, ALONE = (LOG, QUORUM, WITNESSES), (LOG, [], [])

RAW = made.transaction_proof(NODES[:3])
PRESENT, ABSENT = b"\x01grant 3", b"\x01grant 99"
STATE = made.state_proof(PRESENT, NODES[:3])


def refused(reason, raw=RAW, trust=TRUST, now=NOW):
    with pytest.raises(offline.ProofRefused, match=reason or None):
        offline.verify(raw, trust, now)


def replaced(old, new, raw=RAW):
    changed = raw.replace(old, new, 1)
    assert changed != raw
    return changed
