"""Everything that an envelope may ask for: one file per workflow."""

from careledger.ledger.actions import (
    coin,
    emergency,
    governance,
    records,
    referral,
    registry,
    tokens,
)
from careledger.ledger.actions.base import Action, named_signers

AnyAction = (
    coin.Transfer
    | coin.PlaceHold
    | coin.ReleaseHold
    | coin.ReturnHold
    | coin.PlaceOrder
    | coin.CancelOrder
    | governance.AdmitOrganisation
    | governance.SetStatus
    | governance.ReplaceOrganisationKey
    | governance.SetGovernors
    | governance.SetParameter
    | governance.MintCoin
    | governance.AdmitNode
    | governance.RetireNode
    | registry.RegisterMember
    | registry.AdmitPatient
    | registry.ChangeCard
    | registry.SetMemberStatus
    | registry.ChangeKey
    | registry.ReplaceKey
    | registry.CancelKeyChange
    | registry.ChangeMailbox
    | registry.OpenIssuerEpoch
    | registry.CloseIssuerEpoch
    | registry.WithdrawRecognition
    | tokens.OpenTokenKey
    | tokens.CloseTokenKey
    | tokens.IssueTokens
    | records.OpenRecord
    | records.SetPolicy
    | records.Declare
    | records.SetCustodians
    | records.Append
    | records.Read
    | records.Erase
    | records.CancelErase
    | records.Erased
    | records.Retained
    | records.Rotate
    | records.Rewrap
    | records.CannotOpen
    | records.Recover
    | records.ConfirmRecovery
    | records.RecoverByWitness
    | records.VetoRecovery
    | referral.Invite
    | referral.InviteForMinor
    | referral.Approve
    | referral.Accept
    | referral.Revoke
    | referral.Renew
    | referral.ReplaceHandle
    | emergency.SetPlan
    | emergency.BreakGlass
    | emergency.Review
)
"""Every action of this version of the rules."""

__all__ = ["Action", "AnyAction", "named_signers"]
