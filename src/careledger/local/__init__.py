"""A whole network in this process: for tests, the demo and benchmarks.

    >>> import pathlib, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> network = LocalNetwork.create(pathlib.Path(folder.name))
    >>> doctor = network.practitioner("Dr. Ada Lind")
    >>> patient = network.patient()
    >>> kit = patient.register(network.joining(doctor))
    >>> [invitation] = doctor.inbox(network.office_of(doctor))
    >>> record = doctor.accept(invitation)
    >>> [access.person.name for access in patient.who_has_access(record)]
    ['', 'Dr. Ada Lind']
    >>> network.close(); folder.cleanup()

Everything is real (keys, seals, ledger, vaults on disk) but the time, which is
simulated unless a clock is given, and the network, which is a function call.
"""

from careledger.local.clock import START, SimulatedClock
from careledger.local.in_process import InProcess
from careledger.local.network import LocalNetwork

__all__ = ["START", "InProcess", "LocalNetwork", "SimulatedClock"]
