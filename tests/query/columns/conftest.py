"""The Pegasus run that failed, for tests of its pictures."""

from __future__ import annotations

from pathlib import Path

import pytest

from stampede.pipeline import load
from stampede.places import url_of
from stampede.query import Reader, open_database
from stampede.query.workflows import Workflow, list_workflows


@pytest.fixture(scope="module")
def reader(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Reader:
    url = url_of(tmp_path_factory.mktemp("db") / "run.sqlite")
    load([corpus / "pg_fail"], url)
    return open_database(url)


@pytest.fixture(scope="module")
def workflow(reader: Reader) -> Workflow:
    return list_workflows(reader)[0]
