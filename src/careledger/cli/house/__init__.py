"""A hospital's node on this machine: one process serves, others call through a socket.

The socket lies in the hospital's home, for the same user only. What crosses it is
what would cross a network: signed questions, envelopes, papers, sealed bytes.
"""
