"""What an office does not sign, where the reason can be said.

NotForThisOffice
├── NotChecked         a person whom the registrar has not checked for the role
└── PaperOfAnother     a paper that admits somebody else
"""

from typing import ClassVar

from careledger.client.session_problems import NotForThisOffice


class NotChecked(NotForThisOffice):
    """Handles to endorse for whom the registrar has not checked."""

    code: ClassVar[str] = "client.not-checked"
    happened: ClassVar[str] = (
        "The registrar has not checked this person for this role, or vouches no longer."
    )
    to_do: ClassVar[str] = (
        "Let the registrar check the request first: careledger registrar endorse"
        " REQUEST. Then repeat this."
    )


class PaperOfAnother(NotForThisOffice):
    """A patient's paper in another patient's home."""

    code: ClassVar[str] = "client.paper-of-another"
    happened: ClassVar[str] = "This paper admits somebody else."
    to_do: ClassVar[str] = (
        "Show the hospital the key of this home (careledger patient new showed it, and"
        " careledger.toml has it), and take the paper that it makes for that key."
    )
