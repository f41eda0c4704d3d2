"""Ways to spoil a resource: each breaks a rule of FHIR R4, wherever it strikes."""

import json

DATES = {
    "birthDate", "start", "end", "issued", "authoredOn", "created", "date", "recorded",
    "effectiveDateTime", "onsetDateTime", "occurrenceDateTime", "recordedDate",
}  # fmt: skip
POINTS = ("Provenance",)  # may point to anything
CODES = {"status", "gender", "intent", "use"}
CHOICES = {
    "effectiveDateTime": ("effectivePeriod", {"start": "2024"}),
    "performedPeriod": ("performedString", "x"),
    "onsetDateTime": ("onsetString", "x"),
    "occurrenceDateTime": ("occurrenceString", "x"),
    "medicationCodeableConcept": ("medicationReference", {"reference": "Medication/1"}),
    "valueQuantity": ("valueString", "x"),
}


def places(value, keep):
    """Return (holder, key) of every place in `value` that suits."""
    found, waiting = [], [value]
    while waiting:
        holder = waiting.pop()
        for key in holder if isinstance(holder, dict) else range(len(holder)):
            if isinstance(holder[key], dict | list):
                waiting.append(holder[key])
            if keep(holder, key):
                found.append((holder, key))
    return found


def pick(rng, resource, keep):
    found = places(resource, keep)
    return rng.choice(found) if found else (None, None)


def replace_with(value, keep):
    def spoil(rng, resource):
        holder, key = pick(rng, resource, keep)
        if holder is None:
            return None
        holder[key] = value
        return json.dumps(resource).encode()

    return spoil


def add_unknown(rng, resource):
    holder, key = pick(rng, resource, lambda h, k: isinstance(h[k], dict))
    (holder[key] if holder else resource)["nme"] = "x"
    return json.dumps(resource).encode()


def add_second_choice(_, resource):
    for name, (other, value) in CHOICES.items():
        if name in resource:
            return json.dumps(resource | {other: value}).encode()
    return None


def drop_required(_, resource):
    # Only at the top, where these are required in the types that have them.
    required = {"Observation": "status", "Claim": "provider", "Encounter": "class", "Condition": "subject",
                "Procedure": "status", "DiagnosticReport": "code", "MedicationRequest": "intent",
                "ExplanationOfBenefit": "outcome", "DocumentReference": "content", "Immunization": "vaccineCode"}  # fmt: skip
    name = required.get(resource["resourceType"])
    return (
        json.dumps({k: v for k, v in resource.items() if k != name}).encode()
        if name
        else None
    )


def point_wrongly(rng, resource):
    if resource["resourceType"] in POINTS:
        return None
    wrong = replace_with(
        "ValueSet/1", lambda h, k: k == "reference" and not str(h[k]).startswith("#")
    )
    return wrong(rng, resource)


def text_fault(change):
    return lambda rng, resource: change(rng, json.dumps(resource).encode())


def is_element(kind):
    # A resource type, unlike a place in the middle, cannot be any object.
    return lambda holder, key: isinstance(holder[key], kind) and key != "resourceType"


KINDS = {
    "unknown element": add_unknown,
    "two types of a choice": add_second_choice,
    "required element gone": drop_required,
    "day that does not exist": replace_with("2023-02-30", lambda h, k: k in DATES),
    "code outside its value set": replace_with(
        "fnal", lambda h, k: k in CODES and isinstance(h, dict)
    ),
    "text for an object": replace_with("x", is_element(dict)),
    "empty object": replace_with({}, is_element(dict)),
    "empty array": replace_with([], is_element(list)),
    "null": replace_with(None, is_element(str)),
    "object for a text": replace_with({"a": 1}, is_element(str)),
    "empty text": replace_with("", is_element(str)),
    "text for a number": replace_with("1.0", lambda h, k: type(h[k]) in (int, float)),
    "wrong target": point_wrongly,
    "no reference at all": replace_with("Ana Ngata", lambda h, k: k == "reference"),
    "cut off": text_fault(lambda rng, text: text[: rng.randrange(1, len(text))]),
    "not UTF-8": text_fault(lambda _, text: text.replace(b'": "', b'": "\xff', 1)),
    "name twice": text_fault(lambda _, text: text[:1] + b'"id":"x",' + text[1:]),
    "not a number": text_fault(lambda _, text: text[:-1] + b',"x":NaN}'),
}
