"""``find_db`` and where databases lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from stampede import pipeline
from stampede.errors import NoDatabaseError
from stampede.places import default_url, file_of, url_of
from stampede.util import find_db


@pytest.fixture(autouse=True)
def _state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAMPEDE_STATE", str(tmp_path_factory.mktemp("state")))


@pytest.fixture
def submit_dir(tmp_path: Path) -> Path:
    (tmp_path / "x.dag").write_text("JOB A a.sub\n")
    return tmp_path


def test_ours_comes_before_that_of_pegasus(submit_dir: Path) -> None:
    theirs = submit_dir / "x.stampede.db"
    theirs.touch()
    assert find_db(submit_dir) == f"sqlite:///{theirs}"
    (submit_dir / "x.dag.stampede.sqlite").touch()
    assert find_db(str(submit_dir)) == f"sqlite:///{submit_dir}/x.dag.stampede.sqlite"


def test_none_says_how_to_make_one(submit_dir: Path) -> None:
    with pytest.raises(NoDatabaseError, match="stampede load"):
        find_db(submit_dir)
    with pytest.raises(NoDatabaseError, match="does not exist"):
        find_db(submit_dir / "nowhere")


def test_folder_dag_and_log_have_the_same_database(submit_dir: Path) -> None:
    (submit_dir / "x.dag.dagman.out").touch()
    urls = {default_url(submit_dir / name) for name in ("", "x.dag", "x.dag.dagman.out")}
    assert len(urls) == 1


def test_a_read_only_folder_uses_the_state_folder(submit_dir: Path) -> None:
    submit_dir.chmod(0o500)
    try:
        assert file_of(default_url(submit_dir)).parent.name == "databases"
    finally:
        submit_dir.chmod(0o700)


@pytest.mark.parametrize("name", ["plain", "a b", "100%41", "ü", "a#b"])
def test_names_survive_the_url(corpus: Path, tmp_path: Path, name: str) -> None:
    file = tmp_path / name / "x.sqlite"
    assert file_of(url_of(file)) == file
    pipeline.load([corpus / "dm_g_hold"], url_of(file))
    assert file.exists()
