"""Applications: how an organisation asks to be admitted, as a signed file."""

from pathlib import Path
from typing import Final

from careledger.client.config import OrganisationSettings
from careledger.client.files import read_message, write_message
from careledger.client.offices import Offices
from careledger.client.problems import HalfWritten, NotAnApplicant
from careledger.ledger.actions.base import Signature
from careledger.ledger.actions.governance import Application
from careledger.ledger.workflows.governance import (
    application_message,
    organisation_id,
)
from careledger.primitives.encoding import Message, NotCanonical, decode, encode
from careledger.primitives.signing import BadSignature, verify

_MARKER: Final = b"careledger/application-file/v1\n"


class SignedApplication(Message, frozen=True):
    """An application and the signature of the organisation's own key."""

    application: Application
    signature: Signature

    @property
    def organisation_id(self) -> bytes:
        """The identifier that its admission leads to (32 bytes)."""
        return organisation_id(self.application)


def make_application(
    chain_id: bytes, about: OrganisationSettings, offices: Offices
) -> SignedApplication:
    """Return the application of the home's organisation.

    Raises:
        NotAnApplicant: name, entity, group or kinds are not in order.
    """
    entity = about.entity.encode()
    application = Application(
        chain_id=chain_id,
        name=about.name.encode(),
        entity=entity,
        group=about.group.encode() or entity,
        kinds=tuple(sorted(dict.fromkeys(about.kinds))),  # type: ignore[arg-type]
        key=offices.organisation().public,
        mailbox=offices.mailbox(0).public,
    )
    try:
        decode(encode(application), Application)
    except NotCanonical:
        raise NotAnApplicant from None
    signature = offices.organisation().sign(application_message(application))
    return SignedApplication(application, signature)


def write_application(path: Path, signed: SignedApplication) -> None:
    """Write an application to a file.

    Raises:
        CannotWrite: the file cannot be written.
    """
    write_message(path, _MARKER, signed)


def read_application(path: Path) -> SignedApplication:
    """Return the application in a file, its signature checked.

    Raises:
        CannotRead: the file cannot be read.
        HalfWritten: cut, changed, or not signed by its own key.
    """
    signed = read_message(path, _MARKER, SignedApplication)
    message = application_message(signed.application)
    try:
        verify(signed.application.key, message, signed.signature)
    except BadSignature as error:
        raise HalfWritten(str(path)) from error
    return signed
