"""The OpenAPI document and its page."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from litestar.testing import TestClient

from stampede.query.collections import COLLECTIONS
from stampede.service.documentation import page

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_committed_document_is_that_of_the_service(client: TestClient) -> None:
    served = client.get("/api/v1/openapi.json").json()
    assert served == json.loads((ROOT / "docs" / "reference" / "openapi.json").read_text())
    done = subprocess.run([sys.executable, ROOT / "tools" / "generate_openapi.py", "--check"], check=False)
    assert done.returncode == 0


def test_every_column_that_can_be_asked_about_is_a_parameter(client: TestClient) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    for name, collection in COLLECTIONS.items():
        told = {p["name"] for p in paths[f"/api/v1/{name}"]["get"]["parameters"]}
        assert set(collection.filterable) <= told


def test_the_page_tells_every_path_and_needs_nothing_from_elsewhere(client: TestClient) -> None:
    answer = client.get("/api/v1/docs")
    for path in client.get("/api/v1/openapi.json").json()["paths"]:
        assert path in answer.text
    assert "<script" not in answer.text
    assert "http://" not in answer.text
    assert "https://" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_what_a_description_says_is_text_on_the_page() -> None:
    found = page({
        "openapi": "3.1.0", "info": {"title": "<b>", "version": "<i>", "description": "a `<u>` **<s>**"},
        "paths": {"/<x>": {"get": {"responses": {}, "description": "<y>"}}}, "components": {"schemas": {"<z>": {}}},
    })  # fmt: skip
    for tag in ("<u>", "<s>", "<x>", "<y>", "<z>"):
        assert tag not in found
