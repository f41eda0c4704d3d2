"""One entry of a Bundle: its resource as received, and what surrounds it."""

from typing import Final

import msgspec

from careledger.fhir import findings
from careledger.fhir.json_text import BadText, parse
from careledger.fhir.pieces import Piece


class _Request(msgspec.Struct):
    method: str = ""
    url: str = ""
    if_none_exist: str = msgspec.field(default="", name="ifNoneExist")


class _Entry(msgspec.Struct):
    full_url: str = msgspec.field(default="", name="fullUrl")
    resource: msgspec.Raw = msgspec.Raw(b"")
    request: _Request = msgspec.field(default_factory=_Request)


_DECODER: Final = msgspec.json.Decoder(_Entry)


def cut_entry(number: int, raw: bytes) -> Piece:
    """Return the resource and request of one entry, given its exact bytes."""
    try:
        entry = _DECODER.decode(raw)
        resource = bytes(entry.resource)
        # A second "resource" would be hidden: what is left is read strictly.
        parse(raw.replace(resource, b"null", 1) if resource else raw)
    except BadText as error:
        return Piece(number, fault=error.fault)
    except UnicodeDecodeError:
        return Piece(number, fault=findings.WRONG_ENCODING)
    except (msgspec.DecodeError, RecursionError):
        return Piece(number, fault=findings.WRONG_TYPE)
    request = entry.request
    return Piece(
        number,
        resource,
        entry.full_url,
        request.method,
        request.url,
        request.if_none_exist,
    )
