"""Derives CareLedger's FHIR R4 schema and tables from HL7's own definitions."""
