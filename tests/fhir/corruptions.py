"""Good resources, and one way to spoil them for every kind of fault."""

from careledger.fhir import findings

OBSERVATION = {
    "resourceType": "Observation",
    "id": "o1",
    "status": "final",
    "code": {
        "coding": [{"system": "http://loinc.org", "code": "8867-4"}],
        "text": "pulse",
    },
    "subject": {"reference": "Patient/p1"},
    "effectiveDateTime": "2024-02-29T10:00:00+01:00",
    "valueQuantity": {"value": 61.0, "unit": "/min"},
    "component": [{"code": {"text": "a"}, "valueInteger": 3}],
}

PATIENT = {
    "resourceType": "Patient",
    "contained": [{"resourceType": "Organization", "id": "org", "name": "Clinic"}],
    "name": [
        {"family": "Ngata", "given": ["Ana", None], "_given": [None, {"id": "g"}]}
    ],
    "gender": "female",
    "birthDate": "1980-02",
    "managingOrganization": {"reference": "#org"},
    "extension": [
        {"url": "http://example.org/x", "valueReference": {"reference": "urn:uuid:7"}}
    ],
}

CONDITION = {
    "resourceType": "Condition",
    "clinicalStatus": {
        "coding": [
            {
                "system": "http://terminology.hl7.org/CodeSystem/condition-clinical",
                "code": "active",
            }
        ]
    },
    "subject": {"reference": "urn:uuid:8"},
    "asserter": {
        "reference": "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|99"
    },
}

REQUEST = {
    "resourceType": "MedicationRequest",
    "status": "active",
    "intent": "order",
    "medicationCodeableConcept": {"text": "aspirin"},
    "subject": {"reference": "https://example.org/fhir/Patient/1/_history/2"},
}

GOOD = [OBSERVATION, PATIENT, CONDITION, REQUEST]

CORRUPTIONS = [
    (OBSERVATION, ["status"], ..., "Observation.status", findings.MISSING_ELEMENT),
    (OBSERVATION, ["code"], ..., "Observation.code", findings.MISSING_ELEMENT),
    (
        OBSERVATION,
        ["component", 0, "code"],
        ...,
        "Observation.component[0].code",
        findings.MISSING_ELEMENT,
    ),
    (
        REQUEST,
        ["medicationCodeableConcept"],
        ...,
        "MedicationRequest.medication",
        findings.MISSING_ELEMENT,
    ),
    (OBSERVATION, ["status"], "fnal", "Observation.status", findings.UNKNOWN_CODE),
    (PATIENT, ["gender"], "femal", "Patient.gender", findings.UNKNOWN_CODE),
    (
        CONDITION,
        ["clinicalStatus", "coding", 0, "code"],
        "acute",
        "Condition.clinicalStatus.coding",
        findings.UNKNOWN_CODE,
    ),
    (
        CONDITION,
        ["clinicalStatus"],
        {"text": "active"},
        "Condition.clinicalStatus.coding",
        findings.MISSING_ELEMENT,
    ),
    (
        OBSERVATION,
        ["effectiveDateTime"],
        "2023-02-29",
        "Observation.effective.ofType(dateTime)",
        findings.BAD_FORMAT,
    ),
    (
        OBSERVATION,
        ["effectiveDateTime"],
        "2024-02-29T10:00:00",
        "Observation.effective.ofType(dateTime)",
        findings.BAD_FORMAT,
    ),
    (PATIENT, ["birthDate"], "1980-04-31", "Patient.birthDate", findings.BAD_FORMAT),
    (PATIENT, ["birthDate"], "1900-02-29", "Patient.birthDate", findings.BAD_FORMAT),
    (PATIENT, ["birthDate"], "١٩٨٠", "Patient.birthDate", findings.BAD_FORMAT),
    (OBSERVATION, ["valueString"], "x", "Observation.value", findings.SEVERAL_TYPES),
    (
        REQUEST,
        ["medicationReference"],
        {"reference": "Medication/1"},
        "MedicationRequest.medication",
        findings.SEVERAL_TYPES,
    ),
    (
        PATIENT,
        ["extension", 0, "valueString"],
        "x",
        "Patient.extension[0].value",
        findings.SEVERAL_TYPES,
    ),
    (OBSERVATION, ["subject"], "Patient/1", "Observation.subject", findings.WRONG_TYPE),
    (
        OBSERVATION,
        ["valueQuantity", "value"],
        "61",
        "Observation.value.ofType(Quantity).value",
        findings.WRONG_TYPE,
    ),
    (
        OBSERVATION,
        ["component", 0, "valueInteger"],
        1.5,
        "Observation.component[0].value.ofType(integer)",
        findings.WRONG_TYPE,
    ),
    (
        OBSERVATION,
        ["component", 0, "valueInteger"],
        2**31,
        "Observation.component[0].value.ofType(integer)",
        findings.OUT_OF_RANGE,
    ),
    (OBSERVATION, ["component"], [], "Observation.component", findings.EMPTY),
    (OBSERVATION, ["subject"], {}, "Observation.subject", findings.EMPTY),
    (PATIENT, ["name", 0, "family"], "", "Patient.name[0].family", findings.EMPTY),
    (
        PATIENT,
        ["name", 0, "_given"],
        ...,
        "Patient.name[0].given",
        findings.MISSING_ELEMENT,
    ),
    (
        PATIENT,
        ["name", 0, "family"],
        None,
        "Patient.name[0].family",
        findings.WRONG_TYPE,
    ),
    (PATIENT, ["nme"], "Ana", "Patient", findings.UNKNOWN_ELEMENT),
    (OBSERVATION, ["id"], "no/slash", "Observation.id", findings.BAD_FORMAT),
    (
        OBSERVATION,
        ["subject", "reference"],
        "Encounter/1",
        "Observation.subject",
        findings.WRONG_TARGET,
    ),
    (
        OBSERVATION,
        ["subject", "reference"],
        "https://a.example/Encounter/1",
        "Observation.subject",
        findings.WRONG_TARGET,
    ),
    (
        CONDITION,
        ["asserter", "reference"],
        "Encounter?identifier=1",
        "Condition.asserter",
        findings.WRONG_TARGET,
    ),
    (
        OBSERVATION,
        ["subject", "reference"],
        "Ana Ngata",
        "Observation.subject",
        findings.BAD_REFERENCE,
    ),
    (
        OBSERVATION,
        ["subject", "reference"],
        "#gone",
        "Observation.subject",
        findings.NOT_CONTAINED,
    ),
    (
        PATIENT,
        ["contained", 0, "id"],
        ...,
        "Patient.contained[0].id",
        findings.MISSING_ELEMENT,
    ),
    (
        PATIENT,
        ["contained", 0, "nme"],
        1,
        "Patient.contained[0]",
        findings.UNKNOWN_ELEMENT,
    ),
    (
        PATIENT,
        ["contained", 0, "resourceType"],
        "Clinic",
        "Patient.contained[0]",
        findings.UNKNOWN_TYPE,
    ),
    (
        PATIENT,
        ["contained", 0, "partOf"],
        {"reference": "Patient/1"},
        "Patient.contained[0].partOf",
        findings.WRONG_TARGET,
    ),
    (
        PATIENT,
        ["contained", 0, "contained"],
        [{"resourceType": "Basic"}],
        "Patient.contained[0].contained",
        findings.NESTED_CONTAINED,
    ),
    (OBSERVATION, ["resourceType"], "Observaton", "", findings.UNKNOWN_TYPE),
    (OBSERVATION, ["resourceType"], ..., "", findings.NOT_A_RESOURCE),
]
