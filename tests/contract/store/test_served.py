"""A service over a database on a server answers everything that one over a file answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from litestar.testing import TestClient

from stampede.service.app import make_app
from stampede.service.settings import Settings

_RUN = "4c58fd30-924d-43b2-a70e-a0c97f5f7d5b"
_JOB = "findrange_ID0000003"
_OPENAPI = Path(__file__).parents[3] / "docs" / "reference" / "openapi.json"
#: what a parameter that has to be there is given
_GIVEN = {
    "q": "FATAL", "name": _JOB, "against": _RUN, "label": "failing", "text": "FATAL", "transformation": "findrange",
}  # fmt: skip


def _addresses(cause: str) -> Iterator[str]:
    """Every address that is asked with GET, of the run that failed; the live stream has no end and is left out."""
    for path, methods in json.loads(_OPENAPI.read_text())["paths"].items():
        if "get" not in methods or path.endswith("/stream"):
            continue
        names = {"uuid": _RUN, "name": _JOB, "number": "2", "cause": cause, "kind": "jobs"}
        for name, value in names.items():
            path = path.replace(f"{{{name}}}", value)
        needed = [p["name"] for p in methods["get"].get("parameters", []) if p["in"] == "query" and p.get("required")]
        yield path + "".join(f"{'&' if n else '?'}{p}={_GIVEN.get(p, 'x')}" for n, p in enumerate(needed))


def test_every_address_answers_as_it_does_over_a_file(sqlite: str, server: str) -> None:
    with (
        TestClient(make_app(Settings(databases=(sqlite,))), raise_server_exceptions=False) as file,
        TestClient(make_app(Settings(databases=(server,))), raise_server_exceptions=False) as other,
    ):
        cause = file.get(f"/api/v1/workflows/{_RUN}/triage").json()["causes"][0]["id"]
        addresses = list(_addresses(cause))
        assert len(addresses) > 60
        found = {address: (file.get(address).status_code, other.get(address).status_code) for address in addresses}
    assert {a: s for a, s in found.items() if s[0] != s[1] or s[1] >= 500} == {}
