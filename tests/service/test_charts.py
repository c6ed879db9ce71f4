"""Charts over HTTP."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from litestar.testing import TestClient

from stampede.query.columns.charts import CHARTS
from stampede.query.pictures.album import KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_drawing_is_whole_and_obeys_no_script(client: TestClient, workflow: str, kind: str) -> None:
    answer = client.get(f"{workflow}/plot/{kind}", headers={"accept": "text/html,*/*;q=0.8"})
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert "script" not in answer.headers["content-security-policy"]
    assert ET.fromstring(answer.text).tag == "{http://www.w3.org/2000/svg}svg"


def test_a_kind_that_is_not_known_is_refused(client: TestClient, workflow: str) -> None:
    for path in ("/pictures/pie", "/plot/pie"):
        assert client.get(workflow + path).status_code in (400, 404)


@pytest.mark.parametrize("kind", CHARTS)
def test_a_chart_as_of_a_time_knows_nothing_that_came_later(client: TestClient, workflow: str, kind: str) -> None:
    now = client.get(f"{workflow}/pictures/{kind}")
    then = client.get(f"{workflow}/pictures/{kind}?as_of=2026-11-21T21:13:40Z")
    assert now.status_code == then.status_code == 200
    assert now.json()["tables"] != then.json()["tables"]
