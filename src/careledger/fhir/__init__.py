"""FHIR R4 at the edge: read, judge, resolve; what is sealed stays as received."""
