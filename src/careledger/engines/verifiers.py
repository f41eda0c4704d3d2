"""Threads that check transactions ahead of the committer.

libsodium works without the interpreter lock, so signatures are verified on the
other cores while one thread executes and commits.
"""

from collections.abc import Callable, Sequence
from threading import Thread

from careledger.engines.pipeline import Checked, Pipeline, Submitted
from careledger.ledger.envelopes import check_signatures, open_envelope
from careledger.ledger.refusals.base import Void


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
    try:
        while chunk := pipeline.take_submitted():
            pipeline.put_checked(_checked(chunk, pipeline))
    except BaseException as error:  # noqa: BLE001 (all but Void is fatal)
        stop(error)


def _checked(chunk: Sequence[Submitted], pipeline: Pipeline) -> list[Checked]:
    good: list[Checked] = []
    for raw, ticket in chunk:
        try:
            transaction = open_envelope(raw)
            check_signatures(transaction)
        except Void as void:
            ticket.settle(void)
            pipeline.settled(1, len(raw))
        else:
            good.append(Checked(transaction, ticket, len(raw)))
    return good
