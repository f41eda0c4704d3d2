"""Keys that participants missed while their endorsement had lapsed, or never opened.

A rotation leaves out who sleeps. Once awake again such a participant takes part in
the next rotation anyway, so giving the keys of the last one gives nothing that the
ledger would keep back. The same goes for who said that its wrap does not open.
"""

from careledger.client.part import Part, all_epochs
from careledger.client.rotating import circle_of, rewrapping


def give_missed(part: Part) -> list[bytes]:
    """Give today's keys to every full holder without them; return whom.

    Nothing is done where nobody lacks them; who that is, comes from proofs.

    Raises:
        NothingHere: this part does not hold the current key.
        NotHeld, WrapDoesNotOpen: this part does not have all epochs to give.
        KeyMissing: the node does not give a participant's key.
        WrongHolders: somebody fell asleep meanwhile.
    """
    circle = circle_of(part)
    behind = [one for one in circle.behind if one.handle != part.handle]
    if not behind:
        return []
    ring = all_epochs(part, circle.epoch)
    for holder in behind:
        action, bodies = rewrapping(part, holder, ring, circle.epoch)
        part.line.act([part.keys.signing], [action], bodies)
    return [one.handle for one in behind]
