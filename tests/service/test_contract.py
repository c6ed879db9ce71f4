"""The service does what its OpenAPI document says, whatever it is asked (schemathesis, all checks)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from service.conftest import FAILED_JOB, PEGASUS
from stampede.service.app import make_app
from stampede.service.openapi import document
from stampede.service.settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
#: requests of each kind for each operation
EXAMPLES = 10
#: what a request may name that is there, and what is not
_KNOWN = {"uuid": [PEGASUS, "nowhere"], "name": [FAILED_JOB, "none"], "number": [1, 99], "cause": ["nothing"]}


@pytest.fixture(scope="module")
def described(urls: list[str]) -> schemathesis.BaseSchema:
    """The document, with names in its paths that lead somewhere."""
    app = make_app(Settings(databases=tuple(urls)))
    made = document(app)
    for item in made["paths"].values():
        for operation in item.values():
            # a cursor cannot be guessed, a range behind the end is a 416, and a window that ends before it begins a
            # 400: they have tests of their own
            told = [p for p in operation.get("parameters", []) if p["name"] not in ("after", "Range", "until")]
            if told:
                operation["parameters"] = told
            for parameter in told:
                if parameter["in"] == "path" and "enum" not in parameter["schema"]:
                    parameter["schema"] = {"enum": _KNOWN[parameter["name"]]}
    schema = schemathesis.openapi.from_dict(made)
    schema.app = app
    return schema


def _operations() -> list[str]:
    """The paths of the document that is committed, but for answers without an end (test_live)."""
    found = json.loads((ROOT / "docs" / "reference" / "openapi.json").read_text())
    return [path for path, item in found["paths"].items() if "get" in item and not path.endswith("/stream")]


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["good", "bad"])
@pytest.mark.parametrize("path", _operations())
def test_no_request_breaks_the_contract(described: schemathesis.BaseSchema, path: str, mode: GenerationMode) -> None:
    """Requests that fit the document, and requests that do not: no 5xx, no answer that is not described."""
    operation = described[path]["GET"]

    @settings(
        max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: schemathesis.Case) -> None:
        case.call_and_validate()

    if mode is GenerationMode.NEGATIVE and not operation.query:
        return  # it takes nothing that could be wrong
    check()
