"""Envelope, keyring, seeds, blind tokens: where secrets are handled."""
