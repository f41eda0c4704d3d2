"""Threads that check transactions ahead of the committer.

libsodium works without the interpreter lock, so signatures are verified on the
other cores while one thread executes and commits.
"""

from collections.abc import Callable, Sequence
from threading import Thread

from careledger.engines.pipeline import Checked, Pipeline, Submitted
from careledger.engines.signature_process import Claim
from careledger.engines.signatures import SignatureChecker
from careledger.engines.tickets import Ticket, give_up
from careledger.ledger.envelopes import open_envelope, signature_claims
from careledger.ledger.refusals.base import Void, WrongSignatures


def start_verifiers(
    count: int, pipeline: Pipeline, stop: Callable[[BaseException], None]
) -> list[Thread]:
    """Start `count` threads; `stop` is called with what a verifier cannot explain."""
    threads = [
        Thread(target=_verify, args=(pipeline, stop), name="verifier", daemon=True)
        for _ in range(count)
    ]
    for thread in threads:
        thread.start()
    return threads


def _verify(pipeline: Pipeline, stop: Callable[[BaseException], None]) -> None:
    checker = SignatureChecker()
    chunk: list[Submitted] = []
    try:
        while chunk := pipeline.take_submitted():
            _check(chunk, pipeline, checker)
    except BaseException as error:  # noqa: BLE001 (all but Void is fatal)
        stop(error)
        give_up(item.ticket for item in chunk)
    finally:
        checker.close()


def _check(
    chunk: Sequence[Submitted], pipeline: Pipeline, checker: SignatureChecker
) -> None:
    opened: list[Checked] = []
    claims: list[Claim] = []
    ends: list[int] = []
    for item in chunk:
        size = len(item.raw)
        try:
            transaction = open_envelope(item.raw)
            claims.extend(signature_claims(transaction))
        except Void as void:
            _refuse(item.ticket, void, size, pipeline)
        else:
            opened.append(Checked(transaction, item.ticket, size))
            ends.append(len(claims))
    verdicts = checker.check(claims)
    good: list[Checked] = []
    start = 0
    for one, end in zip(opened, ends, strict=True):
        if all(verdicts[start:end]):
            good.append(one)
        else:
            _refuse(one.ticket, WrongSignatures(), one.size, pipeline)
        start = end
    pipeline.put_checked(good)


def _refuse(ticket: Ticket, void: Void, size: int, pipeline: Pipeline) -> None:
    ticket.settle(void)
    pipeline.settled(1, size)
