"""Security labels: what is sensitive, and what nobody can tell, is listed."""

import pytest

from careledger.fhir.labels import Label, sensitive_labels
from careledger.fhir.schema import sensitivity_codes

V3 = "http://terminology.hl7.org/CodeSystem/v3-"


def labelled(*labels):
    codings = [{"system": system, "code": code} for system, code in labels]
    return {"resourceType": "Condition", "meta": {"security": codings}}


@pytest.mark.parametrize(
    "label",
    [
        (V3 + "Confidentiality", "R"),
        (V3 + "Confidentiality", "V"),
        (V3 + "Confidentiality", "?"),
        ("http://hl7.org/fhir/v3/Confidentiality", "R"),
        (V3 + "ActCode", "PSY"),
        (V3 + "ActCode", "HIV"),
        (V3 + "ActCode", "SUD"),
        ("urn:oid:2.16.840.1.113883.5.4", "ETH"),
        ("https://hospital.example/labels", "anything"),
        ("", "R"),
    ],
)
def test_a_sensitive_label_is_listed(label):
    assert sensitive_labels(labelled((V3 + "Confidentiality", "N"), label)) == [
        Label(*label)
    ]


@pytest.mark.parametrize(
    "label",
    [
        (V3 + "Confidentiality", "N"),
        (V3 + "Confidentiality", "L"),
        (V3 + "ActCode", "NOAUTH"),
        (V3 + "ActReason", "HTEST"),
    ],
)
def test_a_harmless_label_is_not(label):
    assert sensitive_labels(labelled(label)) == []


def test_labels_of_inner_resources_count():
    inner = labelled((V3 + "ActCode", "PSY"))
    outer = {"resourceType": "Bundle", "entry": [{"resource": inner}]}
    assert sensitive_labels({"resourceType": "List", "contained": [inner]}) != []
    assert sensitive_labels(outer) != []


@pytest.mark.parametrize(
    "meta", [None, [], {}, {"security": {}}, {"security": [1, {}]}]
)
def test_odd_labels_do_not_hide_anything(meta):
    found = sensitive_labels({"resourceType": "Basic", "meta": meta})
    assert found == ([Label("", "")] if meta == {"security": [1, {}]} else [])


def test_the_codes_are_hl7s():
    assert {"HIV", "PSY", "SUD", "ETH", "SEX", "GDIS"} <= sensitivity_codes()
