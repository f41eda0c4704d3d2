"""Why an endorsement that lapses is not renewed.

CareLedgerError
└── NotVouchedFor      somebody whom the registrar lets go
"""

from typing import ClassVar

from careledger.errors import CareLedgerError


class NotVouchedFor(CareLedgerError):
    """Somebody in a record whose registrar endorses that person no longer."""

    code: ClassVar[str] = "client.not-vouched-for"
    happened: ClassVar[str] = (
        "The registrar no longer vouches for you in this role: without that your part"
        " in this record sleeps, and nothing was done."
    )
    to_do: ClassVar[str] = (
        "If you still work there, let the registrar enrol you again (registrar"
        " endorse), then repeat this; the patient sees that your part sleeps."
    )
