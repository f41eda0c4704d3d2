"""Sealing: who may read what, kept by keys and by nothing else.

Plaintext and private keys live above this room; the ledger, its engines and the
vaults see only what leaves it: sealed bytes, hashes and commitments.
"""
