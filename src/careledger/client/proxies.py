"""Proxies: somebody who acts for an owner, and has no endorsement.

A proxy is mostly a patient, whom no directory lists: the person hands over where
an invitation reaches it. For a minor the witness can invite; the ledger then waits
7 days, unless the owner approves, because it cannot know a minor from an adult.
"""

from typing import Final

from careledger.client import accepting, inviting
from careledger.client.cards import Identity
from careledger.client.directory import organisations
from careledger.client.keystore import Keystore
from careledger.client.line import Line
from careledger.client.office import PostRoom
from careledger.client.part import Part
from careledger.client.session_problems import NoSuchPerson
from careledger.ledger.actions.base import Hash, SealingKey
from careledger.ledger.actions.referral import AllEpochs, InviteForMinor, Offer
from careledger.primitives.encoding import Message
from careledger.primitives.signing import SigningKey
from careledger.sealing.chance import random_bytes
from careledger.sealing.invitations import (
    Addressee,
    Invitation,
    open_invitation,
    seal_invitation,
)
from careledger.sealing.keyring import EntryGrant, SingleEntries
from careledger.sealing.keys import KEY_SIZE
from careledger.sealing.problems import NotARecipient, Tampered

_DEPTH: Final = 1
_ENTRY_ID: Final = 16


class Address(Message, frozen=True, tag="address/v1"):
    """Where an invitation reaches somebody whom no directory lists.

    Attributes:
        member: the person's key.
        sealing_key: its X-Wing key.
        mailbox: X-Wing key of the organisation that admitted the person.
    """

    member: Hash
    sealing_key: SealingKey
    mailbox: SealingKey

    @property
    def addressee(self) -> Addressee:
        """The same, to seal an invitation to."""
        return Addressee(self.member, self.sealing_key, self.mailbox)


def address(line: Line, store: Keystore, organisation: bytes) -> Address:
    """Return where invitations reach this keystore's person.

    Args:
        line: to the node.
        store: of the person.
        organisation: Ed25519 key of the hospital that sorts the person's post.

    Raises:
        NoSuchPerson: it is no active hospital.
    """
    for one in organisations(line, "hospital"):
        if one.key == organisation:
            member = store.member
            return Address(member.signing.public, member.opening.public, one.mailbox)
    raise NoSuchPerson


def proxy_offer(until: int = 0) -> Offer:
    """Return what a proxy gets: to read, write and refer, until `until` (ms)."""
    return Offer("proxy", ("read", "refer", "write"), AllEpochs(), until, _DEPTH)


def appoint(part: Part, to: Address, until: int = 0, note: str = "") -> bytes:
    """Invite a proxy; return the invitation's key. 0: until it is revoked.

    Raises:
        BeyondOwnRights: the end lies in the past.
    """
    return inviting.invite(part, to.addressee, proxy_offer(until), None, note)


def invite_for_minor(
    line: Line, witness: SigningKey, record: bytes, to: Address, until: int
) -> bytes:
    """Invite a minor's proxy as the witness; return the invitation's key.

    The witness has no keys to hand on: a participant gives them (`rewrap`).

    Raises:
        BeyondOwnRights: without an end, or one in the past.
        NotPermitted: this is not the record's witness.
    """
    seed = random_bytes(KEY_SIZE)
    opens_nothing = EntryGrant(random_bytes(_ENTRY_ID), random_bytes(KEY_SIZE))
    ring = SingleEntries((opens_nothing,))  # a keyring is never empty
    invitation = Invitation(record, 0, seed, witness.public, ring, None, "")
    body = seal_invitation(invitation, line.chain_id.hex(), to.addressee)
    action = InviteForMinor(0, SigningKey(seed).public, proxy_offer(until))
    line.act([witness], [action], [body])
    return action.invitation


def inbox(line: Line, store: Keystore, office: PostRoom) -> list[Invitation]:
    """Return the invitations that reached this keystore's person."""
    opened = []
    member = store.member
    for routed in office.post_for(member.signing.public):
        try:
            opened.append(
                open_invitation(
                    member.opening, member.signing.public, line.chain_id.hex(), routed
                )
            )
        except (NotARecipient, Tampered):
            continue  # nobody who knows this person's key sealed it
    return opened


def accept(
    line: Line, store: Keystore, invitation: Invitation, name: str, label: str = ""
) -> Part:
    """Take a proxy's seat; the owner sees `name`, which nobody has verified.

    Raises:
        NothingHere: the invitation was taken, has lapsed, or never was.
        PolicyForbids: a witness's invitation, before 7 days or the owner's word.
    """
    me = Identity(name, store.member.signing.public, "")
    return accepting.accept(line, store, me, invitation, label)
