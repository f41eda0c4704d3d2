"""What can go wrong between a session, its keys and its node.

CareLedgerError
├── BadEvidence        a node's proof that does not hold
├── OlderThanSeen      a node that shows less than it did before
├── TwoHistories       a node that shows another log than before
├── NotContinued       a node that does not prove that it is the same log
├── NotWhatWasAsked    an answer of another form
├── WrapDoesNotOpen    a keyring of ours that cannot be used
├── HistoryDoesNotOpen earlier keys to which the present ones do not lead back
├── KeyMissing         a key to wrap to that is not shown, or another
├── NoCustodian        no vault takes the blobs
├── NotAResource       an entry that is no FHIR JSON
├── NoHandlesLeft      an empty pool
├── NoSuchPerson       nobody by that name in the directory
├── SameName           more than one of that name
├── NotInThisHome      a record that the keystore does not know
├── NotForThisOffice   a paper that an office may not sign
├── SelfReferral       an inviter who took his own invitation
├── NothingToRecover   words or shares that lead to no record
├── NotYetYours        a recovery whose delay is not over
├── RecoveryStopped    a recovery that was vetoed or overtaken
├── GuardedAlready     records that need other guardians' shares
├── NotOurWitness      a record that this hospital did not witness
├── NoPurpose          somebody else's record, and no reason to read it
├── PurposeTooLong     a reason that the owner could not open
├── BadName            a name that no list could show
├── OneHospital        emergency agents of a single organisation
└── WrongRole          somebody whose organisation has no such part in records
"""

from typing import ClassVar

from careledger.errors import CareLedgerError


class BadEvidence(CareLedgerError):
    """A proof that does not lead to a signed checkpoint of this network."""

    code: ClassVar[str] = "client.bad-evidence"
    happened: ClassVar[str] = "The node's proof does not hold."
    to_do: ClassVar[str] = "Ask another node, and report this one."


_IF_RESTORED = (
    " If its operator says that the ledger was restored from an older backup:"
    " careledger ledger forget-seen; then look what of yours is missing in it."
)


class OlderThanSeen(CareLedgerError):
    """A node whose log is shorter than what this client has seen."""

    code: ClassVar[str] = "client.older-than-seen"
    happened: ClassVar[str] = "The node shows an older state than it did before."
    to_do: ClassVar[str] = "Ask another node, and report this one." + _IF_RESTORED


class TwoHistories(CareLedgerError):
    """A node that has signed two logs of one size.

    `detail` names the file with both checkpoints, each under the node's signature.
    """

    code: ClassVar[str] = "client.two-histories"
    happened: ClassVar[str] = (
        "The node shows another history than before: something in its ledger was"
        " changed or left out."
    )
    to_do: ClassVar[str] = (
        "Do not go on with this node, and show the auditor both checkpoints: it has"
        " signed them." + _IF_RESTORED
    )


class NotContinued(CareLedgerError):
    """A node that does not prove that its log continues the one that was seen.

    `detail` names the file with both checkpoints.
    """

    code: ClassVar[str] = "client.log-not-continued"
    happened: ClassVar[str] = (
        "The node does not prove that its ledger continues what it showed before."
    )
    to_do: ClassVar[str] = (
        "Try again. If it stays so, do not go on with this node, and show the auditor"
        " both checkpoints." + _IF_RESTORED
    )


class NothingSeen(CareLedgerError):
    """Nothing to forget: no node's log is remembered in this home."""

    code: ClassVar[str] = "client.nothing-seen"
    happened: ClassVar[str] = "This home remembers no node's log."
    to_do: ClassVar[str] = (
        "Nothing needs to be forgotten. What a node itself has signed is another thing:"
        " careledger ledger forget-signed."
    )


class NotWhatWasAsked(CareLedgerError):
    """An answer that is not of the form that the question has."""

    code: ClassVar[str] = "client.not-what-was-asked"
    happened: ClassVar[str] = "The node's answer cannot be read."
    to_do: ClassVar[str] = "Check that the node runs the same version, then ask again."


class WrapDoesNotOpen(CareLedgerError):
    """A keyring meant for this handle that does not open, or holds wrong keys."""

    code: ClassVar[str] = "client.wrap-does-not-open"
    happened: ClassVar[str] = "The keys that were wrapped for you do not open."
    to_do: ClassVar[str] = (
        "Ask the owner, or a participant with full access, to use the record: their"
        " next command gives you the keys again. Any command of yours reports it; the"
        " SDK does with `cannot_open`."
    )


class HistoryDoesNotOpen(CareLedgerError):
    """Keys of all epochs whose sealed history does not lead back to an entry's."""

    code: ClassVar[str] = "client.history-does-not-open"
    happened: ClassVar[str] = (
        "The record's present keys do not lead back to those of this entry: whoever"
        " started them, or others before, sealed no good history."
    )
    to_do: ClassVar[str] = (
        "Ask the owner, or a participant with full access who was there before, to use"
        " the record: their next command starts keys that lead back. Then try again."
    )


class KeyMissing(CareLedgerError):
    """A participant whose published key the node does not show, or shows another."""

    code: ClassVar[str] = "client.key-missing"
    happened: ClassVar[str] = "The node does not show the key of a participant."
    to_do: ClassVar[str] = "Ask another node, or revoke that participant."


class NoCustodian(CareLedgerError):
    """No custodian of the record takes the blobs."""

    code: ClassVar[str] = "client.no-custodian"
    happened: ClassVar[str] = "None of the record's custodians stored the entries."
    to_do: ClassVar[str] = "Try again later; nothing was added to the record."


class NotAResource(CareLedgerError):
    """An entry that is no FHIR resource in JSON."""

    code: ClassVar[str] = "client.not-a-resource"
    happened: ClassVar[str] = "The entry is not a FHIR resource in JSON."
    to_do: ClassVar[str] = "Give one JSON object with its `resourceType`."


class NoHandlesLeft(CareLedgerError):
    """No endorsed handle is left in the pool."""

    code: ClassVar[str] = "client.no-handles-left"
    happened: ClassVar[str] = "Every endorsed handle of this device has been used."
    to_do: ClassVar[str] = "Ask the registrar to endorse new ones (`fill_pool`)."


class NoSuchPerson(CareLedgerError):
    """Nobody in the directory who could be meant."""

    code: ClassVar[str] = "client.no-such-person"
    happened: ClassVar[str] = "The directory lists nobody like that who can be invited."
    to_do: ClassVar[str] = "Check the spelling, or ask the person for the member id."


class SameName(CareLedgerError):
    """A name that more than one person in the directory has."""

    code: ClassVar[str] = "client.same-name"
    happened: ClassVar[str] = "More than one person in the directory has this name."
    to_do: ClassVar[str] = (
        "Ask the person for the member id (it is shown when joining) and give that"
        " instead of the name."
    )


class NotInThisHome(CareLedgerError):
    """A record in which this home takes no part."""

    code: ClassVar[str] = "client.not-in-this-home"
    happened: ClassVar[str] = "This home has no handle in that record."
    to_do: ClassVar[str] = (
        "List its records (careledger patient records, practitioner records); if it was"
        " another home's, name that with --home."
    )


class NotForThisOffice(CareLedgerError):
    """Something that an office was asked to sign and may not."""

    code: ClassVar[str] = "client.not-for-this-office"
    happened: ClassVar[str] = "This is not what the office signs."
    to_do: ClassVar[str] = "Make the request again with the verb that is meant for it."


class SelfReferral(CareLedgerError):
    """An inviter who accepted his own invitation; the cards show it."""

    code: ClassVar[str] = "client.self-referral"
    happened: ClassVar[str] = "The same person invited and accepted."
    to_do: ClassVar[str] = "Revoke both seats, and report it to the registrar."


class NothingToRecover(CareLedgerError):
    """Words or shares that are good, and lead to no record here."""

    code: ClassVar[str] = "client.nothing-to-recover"
    happened: ClassVar[str] = "These words or shares lead to no record on this network."
    to_do: ClassVar[str] = (
        "Check that they are your own, and that the node is of your network; nothing"
        " was changed."
    )


class NotYetYours(CareLedgerError):
    """A recovery whose delay is not over; `detail` has the time, milliseconds."""

    code: ClassVar[str] = "client.not-yet-yours"
    happened: ClassVar[str] = "The delay of this recovery is not over."
    to_do: ClassVar[str] = (
        "Wait: 72 hours with guardians' shares, 7 days by witness. Then finish it."
    )


class RecoveryStopped(CareLedgerError):
    """A recovery that its owner stopped, or that a stronger one replaced."""

    code: ClassVar[str] = "client.recovery-stopped"
    happened: ClassVar[str] = "This recovery was stopped by the owner of the old keys."
    to_do: ClassVar[str] = (
        "Ask again; if somebody else has your keys, let the hospital confirm it in"
        " person: that cannot be stopped."
    )


class GuardedAlready(CareLedgerError):
    """Shares of an earlier kit, in a home whose newer records need the present one."""

    code: ClassVar[str] = "client.guarded-already"
    happened: ClassVar[str] = "Records opened since are guarded by newer shares."
    to_do: ClassVar[str] = (
        "Keep both kits: the older shares for the older records, the newer ones for"
        " the others. Nothing was changed."
    )


class NotOurWitness(CareLedgerError):
    """A request about a record that this hospital did not witness or keeps no more."""

    code: ClassVar[str] = "client.not-our-witness"
    happened: ClassVar[str] = "This hospital is not the witness of that record."
    to_do: ClassVar[str] = "Go to the hospital that admitted the patient."


class NoPurpose(CareLedgerError):
    """Reading in somebody else's record without saying why."""

    code: ClassVar[str] = "client.no-purpose"
    happened: ClassVar[str] = "No reason for reading was given; nothing was read."
    to_do: ClassVar[str] = "Say why with --purpose TEXT: the patient sees it."


class PurposeTooLong(CareLedgerError):
    """A reason for reading that does not fit."""

    code: ClassVar[str] = "client.purpose-too-long"
    happened: ClassVar[str] = "The reason for reading is too long; nothing was read."
    to_do: ClassVar[str] = "Say it in at most 500 characters."


class BadName(CareLedgerError):
    """An empty name, or a name, specialty or licence that no list could show."""

    code: ClassVar[str] = "client.bad-name"
    happened: ClassVar[str] = "The name, or what is said with it, cannot be used."
    to_do: ClassVar[str] = (
        "Give a name; at most 200 characters each, without line breaks or control"
        " characters."
    )


class OneHospital(CareLedgerError):
    """Emergency agents that all belong to one organisation."""

    code: ClassVar[str] = "client.one-hospital"
    happened: ClassVar[str] = (
        "All agents are of one hospital, which could open the record alone."
    )
    to_do: ClassVar[str] = (
        "Take three agents' keys from at least two hospitals; nothing was changed."
    )


class BlobsLost(CareLedgerError):
    """Entries whose blobs no custodian has; `detail` has their ids."""

    code: ClassVar[str] = "client.blobs-lost"
    happened: ClassVar[str] = (
        "The custodian keeps the record and has a copy of every entry but these, which"
        " no vault serves now."
    )
    to_do: ClassVar[str] = (
        "Ask the hospitals that kept them for a backup of their vaults; who has read or"
        " exported them can append them again."
    )


class OwnName(CareLedgerError):
    """A referral of a patient to the one who refers."""

    code: ClassVar[str] = "client.own-name"
    happened: ClassVar[str] = (
        "This is you, and you take part already: nothing was sent."
    )
    to_do: ClassVar[str] = "Name the colleague; to reach more entries, ask the patient."


class WrongRole(CareLedgerError):
    """Somebody invited to a part that only another organisation's people can take.

    `detail` has the part, and the kinds of the person's organisation.
    """

    code: ClassVar[str] = "client.wrong-role"
    happened: ClassVar[str] = (
        "This person's organisation has no people for such a part, so nobody was"
        " invited and nothing was sent."
    )
    to_do: ClassVar[str] = (
        "Invite a hospital's practitioner to a care record; an insurer's member of"
        " staff only as insurer (invite --insurer), to the record of a policy."
    )
