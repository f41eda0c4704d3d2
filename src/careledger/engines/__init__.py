"""Engines order, execute and store blocks. No rule of the ledger lives here."""
