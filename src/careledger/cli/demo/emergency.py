"""Scenes: the glass is broken and reviewed, and the history is complete."""

import json
from collections import Counter

from careledger.cli.demo.clinic import Clinic, promise, refusal_of, short
from careledger.cli.demo.stage import Stage
from careledger.cli.demo.story import Story
from careledger.client.directory import organisations
from careledger.client.emergencies import emergency_paper
from careledger.client.plans import AgentKey
from careledger.client.practitioner import Practitioner
from careledger.client.proving import prove_trail
from careledger.ledger.history import check_complete

_REASON = "unconscious after a fall"
_PURPOSE = "conditions"


def play_emergency(stage: Stage, story: Story) -> None:
    """Two people break the glass; an auditor learns who and why."""
    clinic = stage.clinic
    network, patient, record = clinic.network, clinic.patient, clinic.record
    agents = [hospital.new_agent() for hospital in network.hospitals]
    patient.set_plan(record, agents)
    two = [network.practitioner(n, 1, "emergency") for n in ("Dr. Uma", "Dr. Vic")]
    before = [
        len(hospital.release_share(agent.key))
        for hospital, agent in zip(network.hospitals, agents, strict=True)
    ]
    story.tell(
        "as the three hospitals' agents: shares to release",
        before,
        lambda shares: (
            f"Three hospitals hold shares for an emergency; to release now:"
            f" {sum(shares)}."
        ),
    )
    access = _break_glass(clinic, two, agents)
    [opened] = two[0].read(record, [clinic.entries[0]], _PURPOSE)
    promise(opened.content == clinic.resources[0], "the entry in the emergency")
    looks = [one for one in patient.who_looked(record) if one.purpose == _PURPOSE]
    story.tell(
        "as Dr. Uma: read; as the patient: who looked",
        {"bytes": len(opened.content), "looks": len(looks)},
        lambda a: (
            f"Dr. Uma and Dr. Vic broke the glass together and opened an entry"
            f" ({a['bytes']:,} B); the patient sees {a['looks']} such look."
        ),
    )
    [(_, disclosed)] = network.auditor.accesses()
    story.tell(
        "as the auditor: emergency accesses",
        {"who": [one.name for one in disclosed.cards], "why": disclosed.reason},
        lambda a: (
            f"The auditor learns who and why: {' and '.join(a['who'])}, {a['why']}."
        ),
    )
    network.auditor.review(access, justified=True)
    [(line, _)] = network.auditor.accesses()
    story.tell(
        f"as the auditor: emergency access {short(access)}",
        line.status,
        lambda status: f"The review says: {status}.",
    )


def play_history(stage: Stage, story: Story) -> None:
    """The patient checks that nothing is left out of the history."""
    clinic = stage.clinic
    patient, record = clinic.patient, clinic.record
    events = patient.history(record)
    part = patient.part(record)
    trail = prove_trail(part.line, part.keys.signing, record)
    ids = [event.tx_id for event in events]
    check_complete(ids, trail.history)
    story.tell(
        "as the patient: history of the record; proof of its counter and running hash",
        (trail.history.counter, Counter(event.code for event in events)),
        lambda found: (
            f"The record's history has {found[1].total()} events, the proven counter"
            f" says {found[0]}: complete. Among them: "
            + ", ".join(f"{count} {code}" for code, count in found[1].items())
            + "."
        ),
    )
    story.tell(
        "as the patient: the same history without one event",
        refusal_of(lambda: check_complete(ids[:-1], trail.history)),
        lambda code: f"With one event left out, the check says: {code}.",
    )
    story.tell(
        "as whoever copies the node's files: names in ledger and vaults",
        _names_found(stage),
        lambda a: (
            f"In all files of the node, the patient's name stands {a['patient']} times;"
            f" Dr. Ada Lind's, who is listed in public, {a['Dr. Ada Lind']} times."
        ),
    )


def _names_found(stage: Stage) -> dict[str, int]:
    """Return how often two names stand in the files that the node keeps."""
    kept = sorted((stage.folder / "clinic").glob("*.db*"))
    raw = b"".join(one.read_bytes() for one in kept if one.is_file())
    family = json.loads(stage.clinic.personal)["name"][0]["family"].encode()
    found = {"patient": raw.count(family), "Dr. Ada Lind": raw.count(b"Dr. Ada Lind")}
    promise(not found["patient"], "no name of the patient in the node's files")
    return found


def _break_glass(
    clinic: Clinic, two: list[Practitioner], agents: list[AgentKey]
) -> bytes:
    """Let both sign, two agents release, and one open; return the access's id."""
    network, record = clinic.network, clinic.record
    first, second = two
    line = first.line
    [auditor] = organisations(line, "auditor")
    pair = (first.stand_by(), second.stand_by())
    paper = emergency_paper(line, record, pair, auditor.mailbox, _REASON)
    paper = second.break_glass(first.break_glass(paper))
    access = first.submit_emergency(record, paper)
    second.settle_emergency(record)
    released = [
        share
        for hospital, agent in zip(network.hospitals[:2], agents[:2], strict=True)
        for share in hospital.release_share(agent.key)
    ]
    first.open_emergency(record, released)
    return access
