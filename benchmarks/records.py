"""The `records` benchmark: grant, referral, rotation, append and read, end to end.

Everything is real but the network: keys, seals, proofs, the durable embedded
ledger, vaults on disk. `grant_ms` and `referral_ms` run from the call to the
moment the invitee has opened one entry. Rates are durable transactions a second.
"""

import argparse
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.machine import machine
from careledger.client.envelopes import compose, seal_envelope
from careledger.client.patient import Patient, full_access
from careledger.client.practitioner import Practitioner
from careledger.client.reading import seal_purpose
from careledger.client.writing import NewResource
from careledger.ledger.actions import AnyAction
from careledger.ledger.actions.records import Append, NewEntry, Read
from careledger.ledger.actions.referral import AllEpochs, Offer, OnlyEntries
from careledger.ledger.workflows.entries import stored_message
from careledger.local import LocalNetwork
from careledger.primitives.hashing import sha256
from careledger.primitives.signing import SigningKey
from careledger.sealing.chance import random_bytes

NOTE = NewResource(b'{"resourceType":"Observation","status":"final"}', "reading")
HOUR = 3_600_000
WINDOW = 512
RECORD_QUOTA = 1_500
HOLDERS = 50
MANIFEST_SIZE = 2_048
POOL = 40


def options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    parser.add_argument("--count", type=int, default=200, help="grants and referrals")
    parser.add_argument("--rate-count", type=int, default=6_000, help="per rate")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Run the benchmark; return its figures."""
    with tempfile.TemporaryDirectory() as name:
        with LocalNetwork.create(Path(name) / "grants") as network:
            grants, referrals = grants_and_referrals(network, args.count)
            rotation = rotation_ms(network)
        with LocalNetwork.create(Path(name) / "rates") as network:
            appends, reads = rates(network, args.rate_count)
    return {
        "benchmark": "records",
        "count": args.count,
        "grant_ms": spread(grants),
        "referral_ms": spread(referrals),
        "rotation_of_50_ms": spread(rotation),
        "append_per_s": appends,
        "read_per_s": reads,
        "machine": machine(),
    }


def spread(samples: Sequence[float]) -> dict[str, float]:
    """Return median, 95th percentile and largest of some milliseconds."""
    cuts = statistics.quantiles(samples, n=20, method="inclusive")
    return {
        "p50": round(statistics.median(samples), 2),
        "p95": round(cuts[-1], 2),
        "max": round(max(samples), 2),
        "samples": len(samples),
    }


def grants_and_referrals(
    network: LocalNetwork, count: int
) -> tuple[list[float], list[float]]:
    """Return the milliseconds of `count` grants and of as many referrals."""
    ada = network.practitioner("Dr. Ada Lind")
    ben = network.practitioner("Dr. Ben Roth", 1)
    to_ada, to_ben = network.listing(ada), network.listing(ben)
    grants, referrals = [], []
    for _ in range(count):
        _refill(network, ada, ben)
        patient = network.patient()
        record = patient.register(network.joining()).record
        [entry] = patient.append(record, NOTE)

        start = time.perf_counter()
        patient.invite(record, to_ada, full_access())
        _take_up(network, ada, entry)
        grants.append((time.perf_counter() - start) * 1000)

        until = network.transport.time() + HOUR
        offer = Offer("practitioner", ("read",), OnlyEntries((entry,)), until, 0)
        start = time.perf_counter()
        ada.refer(record, to_ben, offer)
        _take_up(network, ben, entry)
        referrals.append((time.perf_counter() - start) * 1000)
    return grants, referrals


def _take_up(network: LocalNetwork, who: Practitioner, entry: bytes) -> None:
    [invitation] = who.inbox(network.office_of(who))
    record = who.accept(invitation)
    [opened] = who.read(record, [entry], "benchmark")
    if opened.content != NOTE.content:
        raise AssertionError


def _refill(network: LocalNetwork, *people: Practitioner) -> None:
    """Fill empty pools. Quotas are per day, so a day passes as well."""
    for who in people:
        if not who.store.kept.pool:
            network.wait(24 * HOUR)
            who.fill_pool(network.registrar, "practitioner", POOL)


def rotation_ms(network: LocalNetwork, times: int = 20) -> list[float]:
    """Return the milliseconds of rotations with 50 full holders besides the owner."""
    patient = network.patient()
    record = patient.register(network.joining()).record
    offer = Offer("practitioner", ("read",), AllEpochs(), 0, 0)
    for number in range(HOLDERS - 1):
        who = network.practitioner(f"Dr. No. {number}", number % 3)
        patient.invite(record, network.listing(who), offer)
        [invitation] = who.inbox(network.office_of(who))
        who.accept(invitation)
    samples = []
    for _ in range(times):
        start = time.perf_counter()
        patient.rotate(record)
        samples.append((time.perf_counter() - start) * 1000)
    return samples


def rates(network: LocalNetwork, count: int) -> tuple[int, int]:
    """Return durable `Append`s and `Read`s a second, one entry each.

    Envelopes are signed beforehand and spread over as many records as the quota
    of a participation and day asks for.
    """
    owners = [_owner(network) for _ in range(count // RECORD_QUOTA + 1)]
    kept = [p.part(record).seat().custodians[0] for p, record, _ in owners]
    appends = []
    for number in range(count):
        patient, record, _ = owners[number % len(owners)]
        custodian = kept[number % len(owners)]
        appends.append(_append(network, patient, record, custodian, number))
    per_append = _submit_all(network, appends)
    network.wait(24 * HOUR)  # the owners' quota of today is used up
    reads = [_read(network, *owners[n % len(owners)]) for n in range(count)]
    return per_append, _submit_all(network, reads)


def _owner(network: LocalNetwork) -> tuple[Patient, bytes, bytes]:
    patient = network.patient()
    record = patient.register(network.joining()).record
    [entry] = patient.append(record, NOTE)
    return patient, record, entry


def _append(
    network: LocalNetwork,
    patient: Patient,
    record: bytes,
    custodian: bytes,
    number: int,
) -> bytes:
    part = patient.part(record)
    blob = sha256(number.to_bytes(8, "big"))
    message = stored_message(part.line.chain_id, [blob])
    stored = network.hospitals[0].sign_stored(custodian, message)
    entry = NewEntry(blob[:16], blob, blob, b"")
    action = Append(0, 0, (entry,), custodian, stored)
    body = random_bytes(MANIFEST_SIZE)  # sealed bytes look like that, and are stored
    return _envelope(network, part.keys.signing, action, body)


def _read(
    network: LocalNetwork, patient: Patient, record: bytes, entry: bytes
) -> bytes:
    part = patient.part(record)
    owner = part.keys.opening.public
    body = seal_purpose(part.line.binding(record, 0), part.handle, owner, "benchmark")
    return _envelope(network, part.keys.signing, Read(0, (entry,)), body)


def _envelope(
    network: LocalNetwork, key: SigningKey, action: AnyAction, body: bytes
) -> bytes:
    until = network.transport.time() + HOUR
    chain = network.transport.chain_id
    core = compose(chain, [key.public], [action], until, [body])
    return seal_envelope(core, [key], [body])


def _submit_all(network: LocalNetwork, envelopes: Sequence[bytes]) -> int:
    """Return transactions a second, until the last one is on disk.

    Raises:
        AssertionError: one was refused: the figure would mean nothing.
    """
    window = threading.Semaphore(WINDOW)
    release: Callable[[object], None] = lambda _: window.release()  # noqa: E731
    start, tickets = time.perf_counter(), []
    for envelope in envelopes:
        window.acquire()
        tickets.append(network.engine.submit(envelope, release))
    codes = {ticket.result().code for ticket in tickets}
    elapsed = time.perf_counter() - start
    if codes != {"ok"}:
        raise AssertionError(codes)
    return round(len(envelopes) / elapsed)
