"""Transcript of an emergency and of an insurer, between processes and homes.

Two hospitals, an auditor, an insurer, each with a home of its own; one node serves.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.houses import Home, House

ALLERGY = b'{"resourceType":"AllergyIntolerance","patient":{"reference":"Patient/p"}}'
COVERAGE = (
    b'{"resourceType":"Coverage","status":"active","beneficiary":{"reference":'
    b'"Patient/p"},"payor":[{"reference":"Organization/o"}]}'
)
PATIENT = b'{"resourceType":"Patient","name":[{"family":"Bergstroem"}]}'


@dataclass
class Scene:
    """The organisations, and a patient with one record and an emergency plan."""

    desk: Path
    house: House
    lakeside: Home
    insurance: Home
    auditor: Home
    patient: Home
    record: str
    entry: str

    def file(self, name: str) -> str:
        return str(self.desk / name)

    def staff(self, name: str, office: Home, number: str) -> Home:
        """Return the home of a doctor who may break a glass."""
        short = name[-3:]
        who, request, paper = Home(self.desk / short), f"{short}.r", f"{short}.p"
        words = ["--node", str(self.house.path), "--name", name]
        if office is not self.house:
            words += ["--organisation", str(office.path)]
        who.ok("practitioner", "new", self.file(request), *words)
        office.ok("hospital", "vouch", self.file(request), self.file(paper))
        roles = ("--role", "emergency", "--role", "practitioner")
        endorse = ("registrar", "endorse", self.file(request), *roles)
        assert self.house.fails(*endorse) == "client.nothing-said"
        self.house.ok(*endorse, number="a slip")
        assert self.house.fails(*endorse, number=number) == "cli.other-number"
        self.house.ok(*endorse, "--replace", number=number)
        who.ok("practitioner", "join", self.file(paper))
        who.ok("practitioner", "fill-pool", "--emergency")
        return who


def organisation(house: House, desk: Path, kind: str) -> Home:
    """Return the home of an organisation that was admitted."""
    home, file = Home(desk / kind[:3]), str(desk / f"{kind}.application")
    home.ok(
        "governance", "apply", str(house.path / "genesis"), file,
        "--organisation", f"The {kind}", "--entity", kind, "--kind", kind,
    )  # fmt: skip
    house.ok("governance", "admit", file)
    home.ok("node", "use", str(house.path))
    return home


@pytest.fixture(scope="module")
def scene(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    desk = tmp_path_factory.mktemp("e")
    for name, content in (("p", PATIENT), ("1", ALLERGY), ("2", COVERAGE)):
        (desk / name).write_bytes(content)
    house = House(desk / "h")
    shutil.copytree(founded, house.path)
    kinds = ("hospital", "insurer", "auditor")
    lakeside, insurance, auditor = (organisation(house, desk, one) for one in kinds)
    house.begin()
    patient = Home(desk / "pat")
    key = patient.ok("patient", "new", "--node", str(house.path))["patient"]
    house.ok("hospital", "admit", key, str(desk / "a"))
    personal = ("--personal", str(desk / "p"))
    record = patient.ok("patient", "register", str(desk / "a"), *personal)["record"]
    [entry] = patient.ok("patient", "append", record, str(desk / "1"))["entries"]
    agents = [str(desk / f"agent{number}") for number in range(3)]
    for office, file in zip((house, house, lakeside), agents, strict=True):
        office.ok("hospital", "new-agent", file)
    one_house = (agents[0], agents[1], agents[1])
    plan = ("patient", "emergency-plan", record)
    assert patient.fails(*plan, *one_house) == "client.one-hospital"
    assert patient.ok(*plan, *agents)["agents"] == 3
    yield Scene(desk, house, lakeside, insurance, auditor, patient, record, entry)
    house.end()


def test_two_doctors_of_two_hospitals_break_the_glass(scene: Scene) -> None:
    record, house, patient, file = scene.record, scene.house, scene.patient, scene.file
    uma = scene.staff("Dr. Uma", house, "AB 123-4")
    vic = scene.staff("Dr. Vic", scene.lakeside, "CD 567-8")
    assert vic.ok("practitioner", "inbox")["invitations"] == []
    none_yet = house.ok("hospital", "release", file("shares0"))
    assert (none_yet["shares"], none_yet["records"]) == (0, [])

    vic.apart = True
    vic.ok("practitioner", "stand-by", file("vic"))
    vic.apart = False
    reason = ("--reason", "unconscious after a fall")
    glass = ("practitioner", "break-glass")
    absent = uma.ok(*glass, "ab" * 32, file("vic"), file("absent"), *reason)
    assert absent["with"] == "Dr. Vic"
    assert vic.fails("practitioner", "co-sign", file("absent")) == "emergency.no-plan"
    uma.ok(*glass, record, file("vic"), file("paper"), *reason)
    sign = ("practitioner", "co-sign", file("paper"))
    assert uma.fails(*sign) == "client.not-for-this-office"
    assert patient.fails(*sign) == "client.not-for-this-office"
    access = vic.ok(*sign)["access"]
    assert vic.fails(*sign) == "client.not-for-this-office"

    agents = scene.lakeside.path / "agents.keystore"
    kept = agents.read_bytes()
    agents.unlink()
    lost = scene.lakeside.fails("hospital", "release", file("shares2"))
    assert lost == "home.pool-missing"
    agents.write_bytes(kept)
    for office, name in ((house, "shares1"), (scene.lakeside, "shares2")):
        found = office.ok("hospital", "release", file(name))
        assert found["records"] == [record]
    take = ("practitioner", "open-emergency", record)
    assert uma.fails(*take, file("shares2")) == "sealing.wrong-shares"
    for who in (uma, vic):
        assert who.ok(*take, file("shares1"), file("shares2"))["entries"] == 2
        why = ("--purpose", "allergies")
        read = who.ok("practitioner", "read", record, scene.entry, *why)
        assert read["content"].encode() == ALLERGY
    append = ("practitioner", "append", record, file("1"))
    assert uma.fails(*append) == "client.may-not-write"  # an emergency only reads

    seats = patient.ok("patient", "who-has-access", record)["seats"]
    assert [one["role"] for one in seats] == ["owner", "emergency", "emergency"]
    looks = patient.ok("patient", "who-looked", record)["looks"]
    assert [one["purpose"] for one in looks] == ["allergies", "allergies"]
    history = patient.ok("patient", "history", record)
    acts = [act for event in history["events"] for act in event["actions"]]
    assert "emergency.break-glass" in acts
    assert history["complete"] is True

    auditor = scene.auditor
    [seen] = auditor.ok("auditor", "accesses")["accesses"]
    assert [one["name"] for one in seen["people"]] == ["Dr. Uma", "Dr. Vic"]
    assert (seen["access"], seen["reason"]) == (access, reason[1])
    assert seen["status"] == "waiting"
    review = ("auditor", "review", access[:8], "--justified")
    for nobody in (scene.lakeside, scene.insurance):
        assert nobody.fails(*review) == "home.no-such-key"
    assert auditor.ok(*review)["verdict"] == "justified"
    assert auditor.fails(*review) == "emergency.no-such-access"
    assert auditor.fails("auditor", "review", "00ff", "--not-justified") == (
        "emergency.no-such-access"
    )

    twin = scene.staff("Dr. Una", scene.lakeside, "ab1234")  # the number of Dr. Uma
    twin.ok("practitioner", "stand-by", file("twin"))
    uma.ok(*glass, record, file("twin"), file("alone"), *reason)
    alone = twin.fails("practitioner", "co-sign", file("alone"))
    assert alone == "emergency.not-two-people"

    end = ("patient", "emergency-plan", record)
    assert patient.ok(*end, "--end")["agents"] == 0
    vic.ok("practitioner", "stand-by", file("late"))
    uma.ok(*glass, record, file("late"), file("over"), *reason)
    over = vic.fails("practitioner", "co-sign", file("over"))
    assert over == "emergency.no-plan"


def test_an_insurer_sees_its_policy_and_nothing_else(scene: Scene) -> None:
    patient, file, insurance = scene.patient, scene.file, scene.insurance
    ines, node = Home(scene.desk / "ines"), ("--node", str(scene.house.path))
    office = ("--organisation", str(insurance.path))
    words = ("--name", "Ines Falk", *office)
    ines.ok("insurer", "new", file("ines.r"), *node, *words)
    forbidden = scene.lakeside.fails("insurer", "vouch", file("ines.r"), file("x"))
    assert forbidden == "home.no-such-key"
    insurance.ok("insurer", "vouch", file("ines.r"), file("ines.p"))
    scene.house.ok("registrar", "endorse", file("ines.r"), "--role", "insurer")
    assert ines.ok("insurer", "join", file("ines.p"))["handles"] == 10

    opened = patient.ok("patient", "open", "policy", "--insurer", "Ines Falk")
    policy = opened["record"]
    assert ines.ok("insurer", "inbox")["invitations"] == []
    assert insurance.ok("insurer", "sort-post")["sorted"] == 1
    assert insurance.ok("insurer", "sort-post")["sorted"] == 0
    [invitation] = ines.ok("insurer", "inbox")["invitations"]
    assert invitation["record"] == policy
    assert ines.ok("insurer", "accept", policy)["record"] == policy
    [terms] = ines.ok("insurer", "append", policy, file("2"))["entries"]
    assert patient.ok("patient", "read", policy, terms)["content"] == COVERAGE.decode()
    listed = ines.ok("insurer", "entries", policy)["entries"]
    assert [one["type"] for one in listed] == ["Coverage"]
    assert ines.ok("insurer", "renew", policy)["records"][0]["state"] == "active"
    care = ines.fails("insurer", "entries", scene.record)
    assert care == ines.fails("insurer", "entries", "00ff") == "client.not-in-this-home"
    seats = patient.ok("patient", "who-has-access", policy)["seats"]
    assert [(s["role"], s["name"]) for s in seats[1:]] == [("insurer", "Ines Falk")]


def test_a_further_record_can_open_at_a_random_time(scene: Scene) -> None:
    due = scene.patient.ok("patient", "open", "dentist", "--unhurried")["due"]
    waits = scene.patient.ok("patient", "catch-up")
    assert (waits["records"], waits["waiting"]) == ([], [due])
    scene.house.end()
    scene.house.begin("--hours-ahead", "24")
    [record] = scene.patient.ok("patient", "catch-up")["records"]
    listed = scene.patient.ok("patient", "records")["records"]
    assert {"record": record, "label": "dentist"} in listed


def test_homes_of_organisations_say_what_they_are(scene: Scene) -> None:
    assert scene.lakeside.ok()["state"] == "organisation"
    assert scene.lakeside.fails("patient", "records") == "home.no-such-key"
    used = ("node", "use", str(scene.lakeside.path))
    assert scene.patient.fails(*used) == "cli.no-node-here"
    assert scene.lakeside.fails("node", "serve") == "home.no-such-key"
