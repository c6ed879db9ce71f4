"""Submit directories that appear below folders: each once, again when their logs go on, history never."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from stampede.watching.discovery import Discovery


def submitted(folder: Path, *, ago: float = 0.0, names: tuple[str, ...] = ("x.dag", "x.dag.dagman.out")) -> Path:
    """A submit directory that was written to so many seconds ago."""
    folder.mkdir(parents=True, exist_ok=True)
    then = time.time() - ago
    for name in names:
        (folder / name).touch()
        os.utime(folder / name, (then, then))
    return folder


class Looked:
    """Looks each time it is asked, whatever the time."""

    def __init__(self, *folders: Path) -> None:
        self.discovery = Discovery(list(folders))
        self.now = time.monotonic()

    def news(self) -> set[Path]:
        self.now = max(self.now, self.discovery.due) + 0.001
        found = self.discovery.news(self.now)
        assert len(found) == len(set(found))
        return set(found)


def test_what_is_there_is_found_and_then_what_appears(tmp_path: Path) -> None:
    first = submitted(tmp_path / "one", ago=5)
    looked = Looked(tmp_path)
    assert looked.news() == {first}
    assert looked.news() == set()
    second = submitted(tmp_path / "user" / "pegasus" / "label" / "run0001")
    assert looked.news() == {second}
    assert looked.news() == set()


def test_the_folder_itself_may_be_one(tmp_path: Path) -> None:
    submitted(tmp_path)
    assert Looked(tmp_path).news() == {tmp_path}


@pytest.mark.parametrize("names", [("x.dag",), ("x.dag.dagman.out",), ("a.dag", "b.dag", "b.dag.dagman.out")])
def test_a_dag_or_a_log_makes_a_submit_directory(tmp_path: Path, names: tuple[str, ...]) -> None:
    folder = submitted(tmp_path / "run", names=names)
    assert Looked(tmp_path).news() == {folder}


def test_what_lies_below_a_submit_directory_is_its_own(tmp_path: Path) -> None:
    folder = submitted(tmp_path / "run")
    submitted(folder / "00" / "00" / "inner.000")
    assert Looked(tmp_path).news() == {folder}


def test_one_whose_log_goes_on_is_news_again(tmp_path: Path) -> None:
    """It was restarted, or rescued after its watch had let it go."""
    folder = submitted(tmp_path / "run", ago=100)
    looked = Looked(tmp_path)
    assert looked.news() == {folder}
    submitted(folder, ago=50)
    assert looked.news() == {folder}
    assert looked.news() == set()


def test_what_ended_long_ago_is_history_until_it_goes_on(tmp_path: Path) -> None:
    folder = submitted(tmp_path / "old", ago=25 * 3600)
    looked = Looked(tmp_path)
    assert looked.news() == set()
    submitted(folder, ago=0)
    assert looked.news() == {folder}


def test_what_is_too_deep_or_hidden_or_behind_a_link_is_not_looked_at(tmp_path: Path) -> None:
    submitted(tmp_path / "1/2/3/4/5/6/7")
    submitted(tmp_path / ".trash" / "run")
    away = submitted(tmp_path.parent / "elsewhere" / "run")
    (tmp_path / "link").symlink_to(away.parent)
    deepest = submitted(tmp_path / "a/b/c/d/e/f")
    assert Looked(tmp_path).news() == {deepest}


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    folder = submitted(tmp_path / "run")
    assert Looked(tmp_path).news() == {folder}


def test_several_folders_are_looked_through_and_those_that_are_gone_harm_nothing(tmp_path: Path) -> None:
    first, second = submitted(tmp_path / "a" / "run"), submitted(tmp_path / "b" / "run")
    (tmp_path / "file").touch()
    looked = Looked(tmp_path / "a", tmp_path / "gone", tmp_path / "file", tmp_path / "b")
    assert looked.news() == {first, second}


def test_odd_names_are_no_submit_directories(tmp_path: Path) -> None:
    """A link to nowhere under the name of a DAG, and a name that is no UTF-8."""
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    submitted(folder)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x.dag").symlink_to("nowhere")
    found = Looked(tmp_path).news()
    assert folder in found
    assert len(found) == 1


def test_it_is_looked_every_few_seconds(tmp_path: Path) -> None:
    """However often it is asked; so that large trees on file servers are not gone through all the time."""
    discovery = Discovery([tmp_path])
    now = time.monotonic()
    assert discovery.news(now) == []
    submitted(tmp_path / "run")
    assert discovery.news(now + 1.0) == []
    assert discovery.due >= now + 5.0
    assert discovery.news(discovery.due) == [tmp_path / "run"]


def test_a_tree_that_takes_long_is_gone_through_less_often(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than a fiftieth of the time goes into looking."""
    discovery = Discovery([tmp_path])
    now = time.monotonic()
    monkeypatch.setattr("stampede.watching.discovery.time.monotonic", lambda: now + 3.0)
    discovery.news(now)
    assert discovery.due == pytest.approx(now + 150.0)


def test_a_link_to_nowhere_hides_nothing(tmp_path: Path) -> None:
    folder = submitted(tmp_path / "run")
    (folder / "old.dag").symlink_to("nowhere")
    assert Looked(tmp_path).news() == {folder}
