"""Many threads at one vault: nothing that was acknowledged is ever missing."""

from concurrent.futures import ThreadPoolExecutor

from careledger.primitives.hashing import sha256
from careledger.vault.blobs import SMALL
from careledger.vault.scrub import Pace
from tests.vault.world import KEEPER, READ, READER, WRITER, World, open_vault, put

EACH = 12


def test_threads_bring_read_sweep_and_scrub_at_once(tmp_path):
    world = World()
    blobs = {
        bytes([worker, n]) * 8: bytes([worker, n]) * (SMALL // 2 + (n % 2) * 9)
        for worker in range(4)
        for n in range(EACH)
    }
    for entry, blob in blobs.items():
        world.append(entry, blob)
    world.state(*blobs)

    def bring(worker):
        for n in range(EACH):
            entry = bytes([worker, n]) * 8
            put(vault, entry, blobs[entry])
            vault.upload(WRITER, KEEPER.public, entry, [blobs[entry]])
            assert vault.fetch(READER, READ, entry) == blobs[entry]

    def look_after(_):
        for _ in range(10):
            assert vault.sweep() == (0, 0)
            assert vault.scrub(Pace(10**12)).rotten == ()

    with open_vault(tmp_path, world) as vault:
        with ThreadPoolExecutor(6) as pool:
            jobs = [pool.submit(bring, worker) for worker in range(4)]
            jobs += [pool.submit(look_after, n) for n in range(2)]
            for job in jobs:
                job.result()
        for entry, blob in blobs.items():
            assert vault.fetch(READER, READ, entry) == blob
        size = sum(map(len, blobs.values()))
        assert vault.usage(KEEPER.public) == (size, len(blobs))
        assert vault.count() == len({sha256(blob) for blob in blobs.values()})
