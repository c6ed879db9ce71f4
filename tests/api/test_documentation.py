"""What the documentation of the Python API says is what happens."""

from __future__ import annotations

import doctest
import re
import shutil
from pathlib import Path

import pytest

from stampede import pipeline
from stampede.places import default_url

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs" / "reference" / "python.md"


def test_the_examples_of_the_page_run(tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAMPEDE_STATE", str(tmp_path / "state"))
    shutil.copytree(corpus / "pg_fail", tmp_path / "pg_fail")
    pipeline.load([tmp_path / "pg_fail"], default_url(tmp_path / "pg_fail"))
    monkeypatch.chdir(tmp_path)
    text = re.sub(r"^```.*$", "", PAGE.read_text(), flags=re.M)
    test = doctest.DocTestParser().get_doctest(text, {}, PAGE.name, str(PAGE), 0)
    assert len(test.examples) > 20
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL)
    runner.run(test, out=said.append)
    assert not runner.failures, "".join(said)


def test_the_page_of_collections_is_up_to_date() -> None:
    import sys

    sys.path.insert(0, str(ROOT / "tools"))
    try:
        import generate_collection_docs as generator
    finally:
        sys.path.pop(0)
    assert generator.PAGE_FILE.read_text() == generator.render(), "run python tools/generate_collection_docs.py"
