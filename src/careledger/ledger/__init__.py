"""The state machine: bytes in, diff out.

Pure and deterministic: no clock, no chance, no input or output. Every node that
runs these rules over the same blocks reaches the same roots.
"""
