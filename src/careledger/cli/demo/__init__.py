"""The demonstration: a small network, played scene by scene in a directory of its own.

Each later part of CareLedger adds a scene; `show.SCENES` is the programme.
"""
