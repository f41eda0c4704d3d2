"""Vaults keep sealed blobs, and hand one out only against a committed `Read`.

A vault can open nothing that it keeps. It knows blobs by their hash, custodian
handles by their key, and the ledger by four questions (`view`).
"""
