"""How property tests look for examples.

`usual` draws the same ones in every run, so that a red run is the change's doing and
no luck. `searching` draws new ones each time: `make test-all` does that, and so does
who wants to: `pytest --hypothesis-profile=searching`.

Neither has deadlines: on a shared machine they measure the neighbours.
"""

from hypothesis import HealthCheck, settings

SLOW = [HealthCheck.too_slow]

settings.register_profile(
    "usual", derandomize=True, deadline=None, suppress_health_check=SLOW
)
settings.register_profile("searching", deadline=None, suppress_health_check=SLOW)
settings.load_profile("usual")
