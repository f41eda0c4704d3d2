"""The feed and the post of a hospital: in pages, and only what may be waiting."""

from pathlib import Path

import pytest

from careledger.cli.house import kept_post, reach, wire
from careledger.cli.house.kept_post import KeptPost, PostRequest
from careledger.client.patient import full_access
from careledger.ledger.workflows.referral import LAPSE
from careledger.local import LocalNetwork
from careledger.node import feed
from careledger.primitives.encoding import decode, encode
from careledger.primitives.hashing import sha256
from careledger.sealing.invitations import Routed

LIMIT = 32 * 1024 * 1024
"""Bytes of the longest message (`cli.house.wire`)."""


@pytest.fixture
def scene(tmp_path):
    """A doctor whom a patient has invited five times."""
    with LocalNetwork.create(tmp_path) as network:
        doctor, patient = network.practitioner("Dr. Ada Lind"), network.patient()
        record = patient.register(network.joining()).record
        for _ in range(5):
            patient.invite(record, network.listing(doctor), full_access())
        yield network, doctor


def bodies(network) -> list[bytes]:
    """Return what the whole feed has, page by page."""
    found, after = [], -1
    while (page := network.desk.feed(after)).after != after:
        assert len(page.bodies) <= feed.PAGE
        found += page.bodies
        after = page.after
    return found


def post(kept: KeptPost, member: bytes) -> list[Routed]:
    """Return all of a member's post, page by page."""
    found, after = [], -1
    while (page := kept.page(member, after)).routed:
        assert len(page.routed) <= kept_post.PAGE
        found += page.routed
        after = page.after
    return found


def kept_of(network, doctor) -> KeptPost:
    office, reader = network.office_of(doctor), network.engine.query
    return KeptPost(office, reader.body, network.desk.is_waiting)


def test_the_feed_comes_in_pages(scene, monkeypatch) -> None:
    network, _ = scene
    whole = bodies(network)
    assert len(whole) == len(set(whole)) == 5
    monkeypatch.setattr(feed, "PAGE", 2)
    assert bodies(network) == whole
    assert len(encode(network.desk.feed(-1))) * 256 // 2 < LIMIT


def test_a_block_is_given_in_the_order_of_its_hashes_over_pages(monkeypatch) -> None:
    names = [sha256(b"%d" % at) for at in range(5)]
    held = {name: name.ljust(feed.INVITATION_SIZE) for name in names}
    facts = type("Facts", (), {"body": staticmethod(held.get)})()
    some = feed.Feed(facts)
    some.add(7, 0, [(name, bytes(32)) for name in names])
    monkeypatch.setattr(feed, "PAGE", 2)
    found, after = [], -1
    while (page := some.page(after, 8)).bodies:
        found += [body[:32] for body in page.bodies]
        after = page.after
    assert found == sorted(names)
    assert some.page(after, 8).after < some.page(after, 9).after


def test_the_feed_goes_back_as_far_as_invitations_wait(scene) -> None:
    network, doctor = scene
    [first, *_] = doctor.inbox(network.office_of(doctor))
    doctor.accept(first)
    assert len(bodies(network)) == 5  # who reads it twice does not learn of that
    network.wait(LAPSE)
    assert bodies(network) == []


def test_post_that_can_be_taken_up_comes_in_pages(scene, monkeypatch) -> None:
    network, doctor = scene
    kept, member = kept_of(network, doctor), doctor.me.member
    monkeypatch.setattr(kept_post, "PAGE", 2)
    assert len(post(kept, member)) == 5
    [first, *_] = doctor.inbox(network.office_of(doctor))
    doctor.accept(first)
    assert len(post(kept, member)) == 4
    assert len(post(kept, member)) == 4
    assert len(post(kept_of(network, doctor), member)) == 4  # after a new start
    network.wait(LAPSE)
    assert post(kept, member) == []
    assert post(kept, network.practitioner("Dr. Else").me.member) == []


def test_a_caller_asks_for_every_page(scene, monkeypatch) -> None:
    network, doctor = scene
    kept = kept_of(network, doctor)

    def call(node: Path, name: str, given: bytes) -> bytes:
        asked = decode(given, PostRequest)
        return encode(kept.page(asked.member, asked.after))

    monkeypatch.setattr(kept_post, "PAGE", 2)
    monkeypatch.setattr(wire, "call", call)
    assert len(doctor.inbox(reach.Counters(Path()))) == 5


def test_what_lapsed_is_kept_by_nobody(scene) -> None:
    network, doctor = scene
    kept = kept_of(network, doctor)
    post(kept, doctor.me.member)
    network.wait(LAPSE)
    post(kept, doctor.me.member)
    assert kept._kept == {doctor.me.member: {}}
    public = network.desk._public._feed
    assert (public._offered, public._keys) == ([], {})
