"""The directory comes in pages, and all of it is proven."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from careledger.client.directory import open_directory, organisations
from careledger.client.line import Line
from careledger.client.session_problems import BadEvidence, OlderThanSeen
from careledger.local import LocalNetwork
from careledger.node import directory
from careledger.node.answers import Directory
from careledger.node.problems import NothingHere

KEY = bytes(32)
KINDS = ("hospital", "insurer", "registrar", "auditor")
LIMIT = 32 * 1024 * 1024
"""Bytes of the longest message (`cli.house.wire`)."""


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    with LocalNetwork.create(tmp_path_factory.mktemp("network")) as network:
        for number in range(5):
            network.practitioner(f"Dr. {number}", number % 2)
        yield network


class Paged:
    """A transport that changes or notes the pages."""

    def __init__(self, honest: Any, page: Callable[[int], Directory]) -> None:
        self._honest, self.directory = honest, page

    def __getattr__(self, name: str) -> Any:
        return getattr(self._honest, name)


def whole(line: Line) -> list[object]:
    return [open_directory(line), [organisations(line, kind) for kind in KINDS]]


def test_pages_are_joined(scene, monkeypatch) -> None:
    honest, pages = scene.transport.directory, []
    expected = whole(Line(scene.transport))
    monkeypatch.setattr(directory, "PAGE", 2)

    def page(after: int) -> Directory:
        pages.append(honest(after))
        return pages[-1]

    assert whole(Line(Paged(scene.transport, page))) == expected
    each = pages[: len(pages) // 5]
    assert len(each) == 6
    assert [len(one.organisations) + len(one.members) for one in each[:-1]] == [2] * (
        len(each) - 1
    )
    assert [one.is_last for one in each] == [False] * (len(each) - 1) + [True]
    with pytest.raises(NothingHere):
        honest(each[-1].after)


def test_a_page_of_the_longest_cards_can_be_sent() -> None:
    proof = 4 * 1024
    assert directory.PAGE * (128 * 1024 + proof) < LIMIT


def forged(page: Directory) -> Directory:
    """Return a page with other keys for the members."""
    return replace(page, members=tuple(replace(m, key=KEY) for m in page.members))


LIES: list[Callable[[Any, int], Directory]] = [
    lambda honest, after: replace(honest(0), is_last=after > 0),
    lambda honest, after: replace(honest(after), members=honest(after).members[1:]),
    lambda honest, after: forged(honest(after)),
    lambda honest, after: honest(after or 6),
]


@pytest.mark.parametrize("lie", LIES, ids=["again", "short", "false", "no houses"])
def test_pages_that_do_not_go_together_are_no_answer(scene, monkeypatch, lie) -> None:
    monkeypatch.setattr(directory, "PAGE", 2)
    honest = scene.transport.directory
    line = Line(Paged(scene.transport, lambda after: lie(honest, after)))
    with pytest.raises(BadEvidence):
        open_directory(line)


def test_a_page_with_nobody_is_no_answer(scene) -> None:
    page = scene.transport.directory(0)
    nobody = replace(
        page,
        organisations=(),
        members=(),
        evidence=replace(page.evidence, proofs=()),
    )
    pages = [replace(nobody, is_last=True), replace(nobody, is_last=False)]
    with pytest.raises(BadEvidence):
        open_directory(Line(Paged(scene.transport, lambda _: pages.pop())))


def test_no_page_is_older_than_the_one_before(scene, monkeypatch) -> None:
    monkeypatch.setattr(directory, "PAGE", 6)
    honest = scene.transport.directory
    old = honest(6)
    scene.practitioner("Dr. New")
    line = Line(Paged(scene.transport, lambda after: old if after else honest(after)))
    with pytest.raises(OlderThanSeen):
        open_directory(line)
