"""A new record with what it starts with: opened, then founded."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from careledger.client import inviting, writing
from careledger.client.declaring import label_body
from careledger.client.directory import Listing
from careledger.client.keystore import Keystore, Token
from careledger.client.line import Line
from careledger.client.opening import (
    CustodyOffice,
    Policy,
    found,
    open_record,
    opening_paper,
    recovery_holder,
)
from careledger.client.part import Part
from careledger.client.writing import NewResource
from careledger.ledger.actions.records import Declare
from careledger.ledger.actions.referral import Offer


@dataclass(frozen=True, slots=True)
class Start:
    """What a record starts with.

    Attributes:
        offers: whom to invite, to what.
        policy: what the owner says to referrals by others.
        personal: the personal entry (a FHIR Patient); empty: none.
    """

    offers: Sequence[tuple[Listing, Offer]] = ()
    policy: Policy = field(default_factory=Policy)
    personal: bytes = b""


def open_and_found(
    line: Line, store: Keystore, token: Token, hospital: CustodyOffice, start: Start
) -> Part:
    """Open a record, then found it; a crash between the two loses nothing."""
    paper = opening_paper(line, store, token, hospital.offer_custody(), start.policy)
    part = open_record(line, store, token.index, hospital.keep_record(paper))
    prepared = [
        inviting.prepare(part, to.addressee, offer, None, "")
        for to, offer in start.offers
    ]
    label = next(one.label for one in store.kept.used if one.index == token.index)
    found(
        part,
        recovery_holder(store, token.index),
        [Declare(0), *(one.action for one in prepared)],
        [label_body(part, store, label), *(one.body for one in prepared)],
    )
    if start.personal:
        writing.append(part, [NewResource(start.personal, "personal entry")])
    return part
