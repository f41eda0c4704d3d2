"""How a part in a record stands, in the words of lists: when it lapses, or sleeps."""

from typing import Literal, NamedTuple

from careledger.cli.house.problems import NodeNotServing
from careledger.cli.parsing import moment
from careledger.client.participant import Participant
from careledger.client.practitioner import Practitioner
from careledger.client.renewing import recognition_of
from careledger.node.answers import ParticipantLine
from careledger.node.problems import NothingHere


class Standing(NamedTuple):
    """How a part stands.

    Attributes:
        state: `active`, `sleeping` (until it is renewed), `ended`, or `unknown` while
            the node does not serve.
        lapses: until when its endorsement is good (ms); 0: it needs none, or unknown.
        reason: why it is unknown: the code of what went wrong; empty otherwise.
    """

    state: Literal["active", "ended", "sleeping", "unknown"]
    lapses: int = 0
    reason: str = ""

    @property
    def words(self) -> str:
        """It, for people. Who sleeps though nothing lapsed lost the registrar."""
        match self.state:
            case "active" if self.lapses:
                return f"active, lapses on {moment(self.lapses)}"
            case "sleeping":
                return f"sleeping, endorsed until {moment(self.lapses)}"
            case "unknown":
                return "not known now: the node is not serving"
            case _:
                return self.state


class OwnRecord(NamedTuple):
    """A line of the list of own records.

    Attributes:
        record: its id.
        label: what this home calls it.
        standing: of a part that needs an endorsement; `None` for an owner's.
    """

    record: bytes
    label: str
    standing: Standing | None

    @property
    def facts(self) -> dict[str, object]:
        """It, for programs."""
        named: dict[str, object] = {"record": self.record, "label": self.label}
        return named | (self.standing._asdict() if self.standing else {})

    @property
    def told(self) -> str:
        """How it stands, for people: the end of its line."""
        return f"  {self.standing.words}" if self.standing else ""


def own_records(actor: Participant) -> list[OwnRecord]:
    """Return the records in which handles of this home sit, or sat."""
    used = [one for one in actor.store.kept.used if one.record]
    if not isinstance(actor, Practitioner):
        return [OwnRecord(one.record, one.label, None) for one in used]
    return [
        OwnRecord(one.record, one.label, standing_in(actor, one.record)) for one in used
    ]


def standing_in(who: Practitioner, record: bytes) -> Standing:
    """Return how somebody's own part in a record stands, as the node says."""
    try:
        word = recognition_of(who.part(record))
    except NothingHere:
        return Standing("ended")
    except NodeNotServing:
        return Standing("unknown", reason=NodeNotServing.code)
    return Standing("active" if word.active else "sleeping", word.lapses)


def standing_of(line: ParticipantLine) -> Standing:
    """Return how somebody's part in a record stands, as its owner sees it."""
    if line.sleeping:
        return Standing("sleeping", line.lapses)
    return Standing("active" if line.active else "ended", line.lapses)
