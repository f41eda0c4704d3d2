"""Encoding, hashing, signing: with `sealing`, the only door to crypto libraries."""
