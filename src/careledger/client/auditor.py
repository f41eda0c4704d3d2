"""An auditor's session: it learns who broke a glass, and judges."""

from careledger.client.emergencies import Disclosure, open_disclosure
from careledger.client.office import Office
from careledger.ledger.actions.emergency import Review
from careledger.node.answers import ReviewLine
from careledger.node.questions import MyReviews
from careledger.sealing.problems import NotARecipient


class Auditor(Office):
    """The session of an auditor."""

    def accesses(self) -> list[tuple[ReviewLine, Disclosure]]:
        """Return the emergency accesses disclosed to this auditor, cards verified.

        Raises:
            NothingHere: this organisation is no auditor.
            Unverified: the registrar did not vouch for one of the cards.
        """
        found = self.line.ask(self.keys.signing, MyReviews(), tuple[ReviewLine, ...])
        disclosed = []
        for line in found:
            try:
                opened = open_disclosure(self.line, self.keys.mailboxes[0], line)
            except NotARecipient:
                continue  # disclosed to another auditor
            disclosed.append((line, opened))
        return disclosed

    def review(self, access: bytes, *, justified: bool) -> None:
        """Judge an emergency access.

        Raises:
            NoSuchAccess: there is none, or it has been judged.
        """
        review = Review(0, access, "justified" if justified else "not-justified")
        self.line.act([self.keys.signing], [review])
