"""Golden vectors of what goes from one person to another."""

from careledger.primitives.encoding import encode
from careledger.sealing.cards import IdentityCard, endorsement_commitment, seal_card
from careledger.sealing.emergency import Reader, seal_shares
from careledger.sealing.history import first_epoch
from careledger.sealing.hpke import OpeningKey
from careledger.sealing.invitations import Addressee, Invitation, seal_invitation
from careledger.sealing.padding import pad_to
from careledger.sealing.shamir import split
from tests.vectors.seal_cases import (
    ALICE,
    ALICE_SEED,
    CHAIN,
    EPOCH,
    OTHER_SEED,
    PLACE,
    RECORD,
    SENDER,
    case,
    chance,
    place,
)


def cards(kept):
    card = IdentityCard(
        "Dr Ada", b"member-17", "North Hospital", "practitioner", b"s" * 32
    )
    body = kept("card", lambda: seal_card(card, PLACE, SENDER, ALICE.opening.public))
    right = endorsement_commitment(card.member, SENDER, card.salt)
    return {
        "kind": "card",
        "given": place(
            seed=ALICE_SEED.hex(),
            handle=SENDER.hex(),
            body=body,
            commitment=right.hex(),
        ),
        "cases": [
            case("opens", result=encode(card)),
            case(
                "unverified",
                "unverified-card",
                exchange={"commitment": bytes(32).hex()},
            ),
            case(
                "wrong_recipient",
                "not-a-recipient",
                exchange={"seed": OTHER_SEED.hex()},
            ),
            case(
                "other_handle", "not-a-recipient", exchange={"handle": bytes(32).hex()}
            ),
        ],
    }


def invitations(kept):
    ring = first_epoch(EPOCH, chance("ring"))
    invitation = Invitation(
        RECORD, EPOCH, b"i" * 32, SENDER, ring, None, "for your opinion"
    )
    mailbox = OpeningKey(OTHER_SEED)
    to = Addressee(b"member-17", ALICE.opening.public, mailbox.public)
    return {
        "kind": "invitation",
        "given": {
            "chain_id": CHAIN,
            "mailbox_seed": OTHER_SEED.hex(),
            "seed": ALICE_SEED.hex(),
            "member": b"member-17".hex(),
            "body": kept("invitation", lambda: seal_invitation(invitation, CHAIN, to)),
        },
        "cases": [
            case("opens", result=encode(invitation)),
            case(
                "wrong_mailbox",
                "not-a-recipient",
                exchange={"mailbox_seed": ALICE_SEED.hex()},
            ),
            case(
                "wrong_member",
                "not-a-recipient",
                exchange={"member": b"member-18".hex()},
            ),
            case("wrong_person_key", "tampered", exchange={"seed": OTHER_SEED.hex()}),
            case("other_chain", "not-a-recipient", exchange={"chain_id": "vectors-2"}),
        ],
    }


def shares(kept):
    ring = first_epoch(EPOCH, chance("ring"))
    secret = pad_to(encode(ring), 128)
    values = split(secret, 2, 3, chance("split"))
    agents = [Reader(ALICE.signing.public, ALICE.opening.public)] * 3
    sealed = kept(
        "share", lambda: seal_shares(ring, PLACE, SENDER, agents, chance("split"))[0]
    )
    return {
        "kind": "share",
        "given": place(
            seed=ALICE_SEED.hex(),
            handle=ALICE.signing.public.hex(),
            sender=SENDER.hex(),
            sealed=sealed,
            second={"number": 3, "value": values[3].hex()},
        ),
        "cases": [
            case("joins", result=encode(ring)),
            case(
                "wrong_recipient",
                "not-a-recipient",
                exchange={"seed": OTHER_SEED.hex()},
            ),
            case(
                "false_share",
                "wrong-shares",
                exchange={"second": {"number": 3, "value": values[2].hex()}},
            ),
            case(
                "same_share",
                "wrong-shares",
                exchange={"second": {"number": 1, "value": values[1].hex()}},
            ),
        ],
    }
