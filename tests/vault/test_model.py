"""The vault against a dictionary, through erasures, rot, restarts and leaps in time."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from careledger.primitives.hashing import sha256
from careledger.vault.blobs import SMALL
from careledger.vault.index import Usage
from careledger.vault.problems import NotKept, NotServed, OverQuota, VaultDamaged
from careledger.vault.scrub import Pace
from careledger.vault.store import LIVE, WAITING, Deposit
from careledger.vault.view import EntryFact, ReadFact
from tests.vault.world import (
    KEEPER,
    LARGE,
    OTHER,
    READ,
    READER,
    WRITER,
    World,
    arriving,
    open_vault,
)

KEEPERS = {KEEPER.public: READER, OTHER.public: sha256(b"other reader")}
BLOBS = {
    sha256(one): one for one in (b"a", b"bb", LARGE[:SMALL], LARGE[:70_000], LARGE)
}
ROOM = Usage(2 * len(LARGE) + 200_000, 5)

keepers = st.sampled_from(sorted(KEEPERS))
entries = st.sampled_from([bytes([n]) * 16 for n in range(3)])
blobs = st.sampled_from(sorted(BLOBS))


class Fellows:
    """Another custodian, who has everything."""

    def __init__(self, machine):
        self.machine = machine

    def hand_over(self, custodian, entry):
        for keeper, kept, blob in self.machine.claims:
            if (keeper, kept) == (custodian, entry):
                yield BLOBS[blob]
                return


class Model(RuleBasedStateMachine):
    """Each record has one custodian handle and one reader."""

    def __init__(self):
        super().__init__()
        self.world = World(active=list(KEEPERS.values()))
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name)
        self.vault = self.opened()
        self.claims: dict[tuple[bytes, bytes, bytes], int] = {}
        self.appended: dict[tuple[bytes, bytes], bytes] = {}
        self.erased: list[tuple[bytes, bytes]] = []
        self.rotten: list[bytes] = []

    def opened(self):
        return open_vault(self.path, self.world, room=ROOM)

    def teardown(self):
        self.vault.close()
        self.folder.cleanup()

    def kept(self):
        return {blob for _, _, blob in self.claims}

    def used(self, keeper):
        mine = [len(BLOBS[blob]) for one, _, blob in self.claims if one == keeper]
        return Usage(sum(mine), len(mine))

    def tell_ledger(self, keeper, entry):
        blob, erased = self.appended[keeper, entry], (keeper, entry) in self.erased
        for key in (keeper, KEEPERS[keeper]):
            fact = EntryFact(blob, erased, sha256(keeper), custodian=key == keeper)
            self.world.entries[key, entry] = fact

    # What a store answers

    def expected(self, keeper, entry, blob):
        if (keeper, entry) in self.erased:
            return NotKept
        if (keeper, entry, blob) in self.claims:
            return None
        used = self.used(keeper)
        full = used.size + len(BLOBS[blob]) > ROOM.size or used.blobs >= ROOM.blobs
        return OverQuota if full else None

    def note(self, keeper, entry, blob):
        self.claims.setdefault((keeper, entry, blob), self.world.now)
        self.rotten = [one for one in self.rotten if one != blob]

    @rule(keeper=keepers, entry=entries, blob=blobs)
    def store(self, keeper, entry, blob):
        refusal = self.expected(keeper, entry, blob)
        deposits = [Deposit(entry, BLOBS[blob])]
        if refusal is None:
            self.vault.store(keeper, deposits)
            self.note(keeper, entry, blob)
        else:
            with pytest.raises(refusal):
                self.vault.store(keeper, deposits)

    @rule(keeper=keepers, entry=entries, blob=blobs, size=st.integers(1, 2_000_000))
    def upload(self, keeper, entry, blob, size):
        content = BLOBS[blob]
        pieces = [content[n : n + size] for n in range(0, len(content), size)]
        if self.expected(keeper, entry, blob) is None and (
            len(content) + self.used(keeper).size <= ROOM.size
        ):
            self.vault.upload(WRITER, keeper, entry, pieces)
            self.note(keeper, entry, blob)
        else:
            with pytest.raises((NotKept, OverQuota)):
                self.vault.upload(WRITER, keeper, entry, pieces)

    # What the ledger does

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def append(self, data):
        keeper, entry, blob = data.draw(st.sampled_from(sorted(self.claims)))
        if (keeper, entry) not in self.appended:
            self.appended[keeper, entry] = blob
            self.tell_ledger(keeper, entry)

    @precondition(lambda self: self.appended)
    @rule(data=st.data())
    def erase(self, data):
        where = data.draw(st.sampled_from(sorted(self.appended)))
        self.erased.append(where)
        self.tell_ledger(*where)

    @rule(hours=st.sampled_from([0, 1, 23, 24, 100]))
    def time_passes(self, hours):
        self.world.now += hours * 3_600_000

    # What a reader gets

    @precondition(lambda self: self.appended)
    @rule(data=st.data(), late=st.sampled_from([0, LIVE, LIVE + 1]))
    def read(self, data, late):
        keeper, entry = data.draw(st.sampled_from(sorted(self.appended)))
        start = data.draw(st.integers(0, len(LARGE)))
        stop = data.draw(st.none() | st.integers(0, len(LARGE)))
        blob, reader = self.appended[keeper, entry], KEEPERS[keeper]
        self.world.reads[READ] = ReadFact("ok", self.world.now, ((reader, entry),))
        self.world.now += late
        refusal = self.refused(keeper, entry, blob, late)
        if refusal is None:
            pieces = self.vault.serve(reader, READ, entry, start, stop).pieces
            assert b"".join(pieces) == BLOBS[blob][start:stop]
        else:
            with pytest.raises(refusal):
                self.vault.fetch(reader, READ, entry)

    def refused(self, keeper, entry, blob, late):
        if late > LIVE or (keeper, entry) in self.erased:
            return NotServed
        if (keeper, entry, blob) not in self.claims:
            return NotServed
        return VaultDamaged if blob in self.rotten else None

    # What the vault does for itself

    @rule()
    def sweep(self):
        waited = erased = 0
        for (keeper, entry, blob), stored in list(self.claims.items()):
            if self.appended.get((keeper, entry)) == blob:
                if (keeper, entry) in self.erased:
                    del self.claims[keeper, entry, blob]
                    erased += 1
            elif stored + WAITING <= self.world.now:
                del self.claims[keeper, entry, blob]
                waited += 1
        assert self.vault.sweep() == (waited, erased)
        self.rotten = [one for one in self.rotten if one in self.kept()]

    @rule()
    def restart(self):
        self.vault.close()
        self.vault = self.opened()

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def rot(self, data):
        blob = data.draw(st.sampled_from(sorted(self.kept())))
        if len(BLOBS[blob]) > SMALL:
            (self.path / "vault.db.blobs" / blob.hex()).write_bytes(b"rot")
        else:
            run = self.vault._index._connection.execute
            run("UPDATE small SET data=? WHERE hash=?", (b"rot", blob))
        self.rotten.append(blob)

    @rule()
    def scrub(self):
        found = self.vault.scrub(Pace(10**12))
        assert list(found.rotten) == sorted(set(self.rotten))
        assert found.size == sum(len(BLOBS[blob]) for blob in self.kept())

    @rule()
    def scrub_and_mend(self):
        self.vault.scrub(Pace(10**12))
        mended = self.vault.mend([Fellows(self)])
        # An entry may have several blobs waiting: then the first one is handed over.
        self.rotten = [one for one in self.rotten if one not in mended.mended]
        assert list(mended.rotten) == sorted(set(self.rotten))

    # What is always so

    @invariant()
    def counts_are_sums(self):
        assert self.vault.count() == len(self.kept())
        for keeper in KEEPERS:
            assert self.vault.usage(keeper) == self.used(keeper)
        assert arriving(self.path) == []

    @invariant()
    def every_large_blob_has_its_file_and_every_file_its_reason(self):
        names = {path.name for path in (self.path / "vault.db.blobs").iterdir()}
        large = {blob.hex() for blob in self.kept() if len(BLOBS[blob]) > SMALL}
        loose = {blob.hex() for blob in self.vault._index.loose(self.world.now)}
        assert large <= names <= large | loose


Model.TestCase.settings = settings(max_examples=30, stateful_step_count=30)
test_the_vault_is_a_dictionary = Model.TestCase
