"""Transcript of recoveries between separate processes and homes.

A record is lost and got back: by words, by guardians (stopped, and asked again), by
a witness; and every slip on the way is named, with nothing lost.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from careledger.cli.house.wire import SOCKET
from careledger.client.home import CONFIG
from careledger.primitives.hashing import sha256
from careledger.sealing.seeds import split_recovery_secret, words_of
from tests.cli.houses import Home, House

NOTE = b'{"resourceType":"Observation","code":{"text":"x"},"status":"final","valueString":"first"}'
PATIENT = b'{"resourceType":"Patient","name":[{"family":"Bergstroem"}]}'
EIGHT_DAYS, AND_THREE = "192", "266"


@dataclass
class Scene:
    """A patient with one record and a recovery kit on paper."""

    hospital: House
    patient: Home
    record: str
    entry: str
    words: str
    shares: list[str]
    desk: Path

    @property
    def node(self) -> tuple[str, str]:
        return "--node", str(self.hospital.path)

    def home(self, name: str) -> Home:
        return Home(self.desk / name)


@pytest.fixture(scope="module")
def scene(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    desk = tmp_path_factory.mktemp("g")
    (desk / "p").write_bytes(PATIENT)
    (desk / "1").write_bytes(NOTE)
    house, patient = House(desk / "h"), Home(desk / "pat")
    shutil.copytree(founded, house.path)
    house.begin()
    key = patient.ok("patient", "new", "--node", str(house.path))["patient"]
    house.ok("hospital", "admit", key, str(desk / "a"))
    personal = ("--personal", str(desk / "p"))
    record = patient.ok("patient", "register", str(desk / "a"), *personal)["record"]
    [entry] = patient.ok("patient", "append", record, str(desk / "1"))["entries"]
    kit = patient.ok("patient", "kit")
    assert kit["not_guarded"] == []
    yield Scene(house, patient, record, entry, kit["words"], kit["shares"], desk)
    house.end()


def read(home: Home, scene: Scene) -> bytes:
    content = home.ok("patient", "read", scene.record, scene.entry)["content"]
    return str(content).encode()


def files(home: Home) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in home.path.iterdir()}


def test_words_give_everything_back_in_a_new_home(scene: Scene) -> None:
    home = scene.home("words")
    command = ("patient", "recover", *scene.node)
    swapped = " ".join(reversed(scene.words.split()))
    for words in ("", "one two three", swapped):
        code = home.fails(*command, words=words)
        assert code == ("sealing.wrong-words" if words else "client.nothing-said")
    nobody = words_of(sha256(b"nobody"))
    assert home.fails(*command, words=nobody) == "client.nothing-to-recover"
    assert not home.path.exists()  # nothing is made for words that lead nowhere

    before = files(scene.patient)
    assert scene.patient.fails(*command, words=scene.words) == "home.exists"
    assert files(scene.patient) == before

    home.apart = True
    assert home.ok(*command, words=scene.words)["records"] == [scene.record]
    assert read(home, scene) == NOTE
    home.apart = False
    kit = home.ok("patient", "kit")
    assert kit["words"] == scene.words
    assert kit["not_guarded"] == [scene.record]  # words bring no guardians' secret
    again = ("patient", "restore-shares")
    assert home.fails(*again, shares=scene.shares[0]) == "sealing.wrong-shares"
    found = home.ok(*again, shares="\n".join(scene.shares[1:]))["records"]
    assert found == [scene.record]
    assert home.ok("patient", "kit")["not_guarded"] == []


def test_a_cut_keystore_is_rebuilt_and_kept(scene: Scene) -> None:
    home = scene.home("cut")
    shutil.copytree(scene.patient.path, home.path)
    store = home.path / "keystore"
    store.write_bytes(store.read_bytes()[:-1])
    cut = store.read_bytes()
    assert home.fails("patient", "entries", scene.record) == "home.keystore-damaged"
    wrong = home.fails("patient", "rebuild", passphrase="nine loud herons")
    assert wrong == "sealing.wrong-passphrase"
    assert home.ok("patient", "rebuild")["records"] == [scene.record]
    assert read(home, scene) == NOTE
    assert (home.path / "keystore.damaged-1").read_bytes() == cut
    assert home.ok("patient", "rebuild")["missing"] == []
    shutil.copytree(home.path, scene.desk / "half")
    (scene.desk / "half" / CONFIG).unlink()
    half = scene.home("half")
    recover = ("patient", "recover", *scene.node)
    assert half.fails(*recover, words=scene.words) == "home.half-made"


def test_a_proxy_acts_for_a_patient(scene: Scene) -> None:
    hospital, patient, record = scene.hospital, scene.patient, scene.record
    proxy, file = scene.home("pro"), str(scene.desk / "address")
    proxy.ok("patient", "new", *scene.node)
    assert patient.ok("patient", "set-policy", record, "ask")["referrals"] == "ask"
    proxy.ok("patient", "address", file)
    patient.ok("patient", "appoint-proxy", record, file, "--note", "my daughter")
    [invitation] = proxy.ok("patient", "inbox")["invitations"]
    assert (invitation["record"], invitation["note"]) == (record, "my daughter")
    name = ("--name", "Eva Berg")
    assert proxy.fails("patient", "accept", "00ff", *name) == "cli.no-invitation"
    assert proxy.ok("patient", "accept", record, *name)["record"] == record
    assert read(proxy, scene) == NOTE
    seat = patient.ok("patient", "who-has-access", record)["seats"][1]
    assert (seat["role"], seat["name"], seat["verified"]) == (
        "proxy",
        "Eva Berg",
        False,
    )
    assert proxy.fails("patient", "who-looked", record) == "node.nothing-here"
    assert proxy.fails("patient", "veto", record) == "records.not-permitted"
    patient.ok("patient", "revoke", record, "1")
    gone = proxy.fails("patient", "read", record, scene.entry)
    assert gone == "cli.part-ended"

    child = ("hospital", "invite-for-minor", record, file, "--days", "365")
    invited = hospital.ok(*child)["invitation"]
    [waiting] = patient.ok("patient", "waiting", record)["invitations"]
    assert (waiting["invitation"], waiting["to_approve"]) == (invited, True)
    assert proxy.fails("patient", "accept", record, *name) == "referral.policy-forbids"
    patient.ok("patient", "withdraw", record, invited[:8])
    assert patient.ok("patient", "waiting", record)["invitations"] == []
    late = patient.fails("patient", "approve", record, invited)
    assert late == "cli.no-invitation"


def test_guardians_and_a_witness(scene: Scene) -> None:
    hospital, patient, record = scene.hospital, scene.patient, scene.record
    guarded, witnessed = scene.home("gua"), scene.home("seen")
    command = ("patient", "recover-by-guardians", *scene.node)
    other = split_recovery_secret(sha256(b"another kit"))
    for wrong in (scene.shares[0], f"{scene.shares[0]}\n{other[1]}", "no share"):
        assert guarded.fails(*command, shares=wrong) == "sealing.wrong-shares"
    unknown = guarded.fails(*command, shares="\n".join(other))
    assert unknown == "client.nothing-to-recover"
    assert not guarded.path.exists()
    guarded.apart = True
    asked = guarded.ok(*command, shares="\n".join(scene.shares))["records"]
    assert [(one["record"], one["state"]) for one in asked] == [(record, "waiting")]
    guarded.apart = False
    early = guarded.fails("patient", "read", record, scene.entry)
    assert early == "cli.part-ended"
    assert guarded.ok("patient", "finish-recovery")["records"] == asked

    # The owner is there, sees it, and stops it; nobody else can.
    assert guarded.fails("patient", "veto", record) == "cli.part-ended"
    acts = [act for e in _events(patient, record) for act in e["actions"]]
    assert acts[-1] == "records.recover"
    assert patient.ok("patient", "veto", record)["record"] == record
    assert patient.fails("patient", "veto", record) == "records.nothing-pending"
    assert _states(guarded) == ["stopped"]  # at once

    # Without words and shares: the hospital, and whoever knows the record's id.
    request, paper = str(scene.desk / "request"), str(scene.desk / "paper")
    ask = ("patient", "recover-by-witness")
    assert witnessed.fails(*ask, record[:8], request, *scene.node) == "client.not-a-key"
    witnessed.ok(*ask, record, request, *scene.node)
    hospital.ok("hospital", "witness", request, paper)
    submit = ("patient", "submit-recovery", paper)
    assert patient.fails(*submit) == "client.not-for-this-office"
    [waits] = witnessed.ok(*submit)["records"]
    assert (waits["record"], waits["state"]) == (record, "waiting")
    strange = scene.home("str")
    other_request = str(scene.desk / "other")
    strange.ok(*ask, "ab" * 32, other_request, *scene.node)
    nobodys = hospital.fails("hospital", "witness", other_request, f"{paper}2")
    assert nobodys == "client.not-our-witness"

    _pass_time(hospital, EIGHT_DAYS)
    assert _states(witnessed) == ["keys-missing"]  # ownership, never content
    assert _states(guarded) == ["stopped"]
    assert patient.fails("patient", "entries", record) == "cli.part-ended"
    assert _states(guarded, "--again") == ["waiting"]
    _pass_time(hospital, AND_THREE)
    assert _states(guarded) == ["yours"]
    before, after = (
        one.ok("patient", "records")["records"][0]["label"]
        for one in (patient, guarded)
    )
    assert after == before
    assert read(guarded, scene) == NOTE
    assert _states(witnessed) == ["stopped"]
    assert guarded.ok("patient", "kit")["not_guarded"] == []
    assert guarded.ok("patient", "history", record)["complete"] is True

    key = guarded.ok("patient", "join-again")["patient"]
    more = ("patient", "open", "dentist")
    assert guarded.fails(*more) == "registry.not-a-member"
    hospital.ok("hospital", "admit", key, f"{paper}3")
    assert patient.fails("patient", "join-again", f"{paper}3") == (
        "client.paper-of-another"
    )
    assert guarded.ok("patient", "join-again", f"{paper}3")["admitted"] is True
    assert guarded.ok(*more)["label"] == "dentist"


def test_only_simulated_time_can_be_moved(founded: Path, tmp_path: Path) -> None:
    real = House(tmp_path / "real")
    real.ok(
        "network", "init", "real.example", "--organisation", "R", "--entity", "E"
    )  # fmt: skip
    ahead = real.fails("node", "serve", "--hours-ahead", "1")
    assert ahead == "cli.not-simulated"
    assert not (real.path / SOCKET).exists()


def _events(home: Home, record: str) -> list[dict[str, list[str]]]:
    events = home.ok("patient", "history", record)["events"]
    assert isinstance(events, list)
    return events


def _states(home: Home, *words: str) -> list[str]:
    found = home.ok("patient", "finish-recovery", *words)["records"]
    return [one["state"] for one in found]


def _pass_time(hospital: House, hours: str) -> None:
    hospital.end()
    hospital.begin("--hours-ahead", hours)
