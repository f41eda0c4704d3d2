"""A hospital's counters work at the same time, and never give one handle twice."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from careledger.client.keystore import Keystore
from careledger.local import LocalNetwork

COUNTERS = 4


def test_counters_never_give_one_handle_twice(
    tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LocalNetwork.create(tmp_path / "network") as network:
        hospital, save = network.hospitals[0], Keystore.change

        def save_slowly(store: Keystore, **changes: object) -> None:
            time.sleep(0.02)  # meanwhile the other counters ask
            save(store, **changes)

        monkeypatch.setattr(Keystore, "change", save_slowly)
        with ThreadPoolExecutor(COUNTERS) as pool:
            given = list(pool.map(lambda _: hospital.offer_custody(), range(COUNTERS)))
    keys = {key for one in given for key in (*one.custodians, one.witness)}
    assert len(keys) == 2 * COUNTERS
