"""One small world for all tests, and one without padding."""

from functools import cache

import pytest

from tools.observer import figures, spoil
from tools.observer.world import Scale

SMALL = Scale(patients=22, practitioners=9, days=30, seed=3)
AGAIN = Scale(patients=22, practitioners=9, days=30, seed=4)
"""Where a suspicion of the small world has to show again."""
BARE = Scale(patients=40, practitioners=12, days=30, seed=5)
"""Larger: among fewer pairs the control misses its bar by chance, one time in five."""


@pytest.fixture(scope="session")
def world():
    return figures.simulate(SMALL)


@pytest.fixture(scope="session")
def again():
    """What is seen of another world, and its truth; it lives once it is asked for."""
    return cache(lambda: figures.simulate(AGAIN)[:2])


@pytest.fixture(scope="session")
def bare():
    return figures.simulate_unpadded(BARE)


@pytest.fixture(scope="session")
def views(world, bare):
    """Name of a switch → what is seen, and the truth."""
    seen, truth, _ = world
    return {
        "the product": (seen, truth),
        "handles reused": (spoil.reuse_handles(seen, truth), truth),
        "recipients named": (spoil.name_recipients(seen, truth), truth),
        "sizes unpadded": bare[:2],
    }
