"""One resource cut out of a file, and how a whole file can fail."""

from typing import ClassVar, Final

import msgspec

from careledger.errors import CareLedgerError

MAX_HELD: Final = 32 * 2**20
"""Bytes of one bundle entry, or one line, that are held in memory at most."""


class Piece(msgspec.Struct, frozen=True):
    """One entry of a bundle, one line of NDJSON, or a file of one resource.

    Attributes:
        number: 1, 2, … in the file; what could not be read counts too.
        raw: the exact bytes of the resource; empty: there is none (an entry that
            only requests, or one with a `fault`).
        full_url: the entry's fullUrl; empty: none.
        method: the HTTP verb of a transaction or batch entry; empty: none.
        url: the request's url; empty: none.
        if_none_exist: the search that makes a create conditional; empty: none.
        fault: a code of `findings`; empty: none.
    """

    number: int
    raw: bytes = b""
    full_url: str = ""
    method: str = ""
    url: str = ""
    if_none_exist: str = ""
    fault: str = ""


class NotABundle(CareLedgerError):
    """A file whose outer form cannot be understood."""

    code: ClassVar[str] = "fhir.not-a-bundle"
    happened: ClassVar[str] = "The file is neither a FHIR Bundle nor NDJSON."
    to_do: ClassVar[str] = (
        "Send a Bundle (transaction, batch or collection) or one resource per line."
    )


class WrongBundleType(CareLedgerError):
    """A Bundle that must not be taken apart, such as a signed document."""

    code: ClassVar[str] = "fhir.wrong-bundle-type"
    happened: ClassVar[str] = "A Bundle of this type is not imported entry by entry."
    to_do: ClassVar[str] = "Send type transaction, batch, collection or searchset."


class WrongEncoding(CareLedgerError):
    """A file that is not UTF-8 without a byte order mark."""

    code: ClassVar[str] = "fhir.file-not-utf8"
    happened: ClassVar[str] = "The file is not UTF-8 without a byte order mark."
    to_do: ClassVar[str] = "Save it again as plain UTF-8."
