"""The node's desk: answers about the ledger, each to whom it concerns.

Blind: it holds no key that opens anything, and imports no room that does.
"""
