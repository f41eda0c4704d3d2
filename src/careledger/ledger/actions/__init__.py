"""Everything that an envelope may ask for: one file per workflow."""

from careledger.ledger.actions import coin, governance, registry
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
)
"""Every action of this version of the rules."""

__all__ = ["Action", "AnyAction", "named_signers"]
