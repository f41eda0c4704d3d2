"""The sealed manifest of an append: what is in it, for those with the epoch key.

The ledger sees only ids, hashes and commitments. The manifest says which FHIR
resource each entry is and which entry each of its references means, so that a
reader lists a record without fetching a single blob. It travels as bodies; who
holds single entries cannot open it.
"""

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec

from careledger.primitives.encoding import UInt
from careledger.primitives.hashing import HASH_SIZE
from careledger.sealing.binding import Binding
from careledger.sealing.bodies import fill_pages, open_body, seal_body
from careledger.sealing.chance import Draw, random_bytes
from careledger.sealing.keys import EntryId
from careledger.sealing.problems import Tampered
from careledger.sealing.secret import Secret, decode_secret, encode_secret

_MARKER: Final = b"careledger/manifest/v1"

MOST_REFERENCES: Final = 256
"""References in one line; an entry with more, or with long ones, has several."""

Hash = Annotated[bytes, msgspec.Meta(min_length=HASH_SIZE, max_length=HASH_SIZE)]


class Reference(Secret, frozen=True):
    """What a reference in a resource means.

    Attributes:
        literal: as the resource has it, such as `Patient/17` or `urn:uuid:…`.
        entry_id: the entry of this record that it means.
    """

    literal: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    entry_id: EntryId


class ManifestLine(Secret, frozen=True):
    """One entry.

    Attributes:
        entry_id: on the ledger.
        resource_type: FHIR R4, such as `Observation`.
        label: for a list on a screen.
        content_hash: SHA-256 of the exact client bytes.
        size: of the exact client bytes.
        references: those that are resolved.
    """

    entry_id: EntryId
    resource_type: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    label: Annotated[str, msgspec.Meta(max_length=200)]
    content_hash: Hash
    size: UInt
    references: Annotated[
        tuple[Reference, ...], msgspec.Meta(max_length=MOST_REFERENCES)
    ] = ()


class Page(Secret, frozen=True, tag="manifest-page"):
    """Part `number` (from 0) of `count` of one manifest."""

    number: UInt
    count: UInt
    lines: tuple[ManifestLine, ...]


def seal_manifest(
    epoch_key: bytes,
    binding: Binding,
    lines: Sequence[ManifestLine],
    draw: Draw = random_bytes,
) -> tuple[bytes, ...]:
    """Return the manifest as bodies, in their order.

    Raises:
        TooLarge: a line has too long a text, or does not fit into a body.
    """
    pages = list(fill_pages(lines))
    contents = [
        encode_secret(Page(number, len(pages), page))
        for number, page in enumerate(pages)
    ]
    return tuple(
        seal_body(epoch_key, _MARKER, binding, content, draw) for content in contents
    )


def open_manifest(
    epoch_key: bytes, binding: Binding, bodies: Sequence[bytes]
) -> tuple[ManifestLine, ...]:
    """Return the lines of a manifest.

    Raises:
        Tampered: another key or place, changed bytes, or bodies that are missing
            or out of order.
    """
    lines: list[ManifestLine] = []
    for number, body in enumerate(bodies):
        page = _open_page(epoch_key, binding, body)
        if (page.number, page.count) != (number, len(bodies)):
            raise Tampered
        lines.extend(page.lines)
    return tuple(lines)


def _open_page(epoch_key: bytes, binding: Binding, body: bytes) -> Page:
    return decode_secret(open_body(epoch_key, _MARKER, binding, body), Page)
