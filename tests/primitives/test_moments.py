"""Times as people read them, whatever was written down as one."""

import pytest

from careledger.primitives.encoding import MAX_INTEGER
from careledger.primitives.moments import day, moment


@pytest.mark.parametrize(
    ("millis", "shown"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_999, "1970-01-01T00:00:01Z"),
        (1_800_000_000_123, "2027-01-15T08:00:00Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59Z"),
        (253_402_300_800_000, "253402300800000 ms since 1970"),
        (MAX_INTEGER, "9007199254740991 ms since 1970"),
        (10**17, "100000000000000000 ms since 1970"),
        (10**30, f"{10**30} ms since 1970"),
        (-(2**63), "-9223372036854775808 ms since 1970"),
        (-60_000_000_000_000, "0068-09-03T13:20:00Z"),
    ],
)
def test_any_number_can_be_shown_as_a_time(millis: int, shown: str) -> None:
    assert moment(millis) == shown
    assert day(millis) == (shown[:10] if shown.endswith("Z") else shown)
