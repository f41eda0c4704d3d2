"""The side of the ledger that holds keys: homes, files, signing.

Nothing here opens a ledger or a socket; whoever does gets bytes from here.
"""
