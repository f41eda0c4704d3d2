"""A permissioned ledger around end-to-end encrypted health records."""

__version__ = "0.1.0"
