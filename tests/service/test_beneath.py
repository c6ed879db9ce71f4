"""No name leads out of a submit directory."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stampede.service.beneath import is_submit_dir, open_beneath


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("runs")
    (base / "secret").write_text("secret")
    run = base / "run"
    (run / "00").mkdir(parents=True)
    (run / "00" / "job.out").write_text("inside")
    (run / "inner").symlink_to("00")
    (run / "link.out").symlink_to("00/job.out")
    (run / "out").symlink_to("../secret")
    (run / "away").symlink_to("..")
    (run / "etc").symlink_to("/etc")
    (run / "loop").symlink_to("loop")
    os.mkfifo(run / "pipe")
    return run


def _read(folder: Path, name: str) -> str:
    handle = open_beneath(folder, name)
    with os.fdopen(handle) as file:
        return file.read()


@pytest.mark.parametrize("name", ["00/job.out", "./00/job.out", "00/../00/job.out", "inner/job.out", "link.out"])
def test_what_lies_inside_is_read_also_over_links_that_stay_inside(folder: Path, name: str) -> None:
    assert _read(folder, name) == "inside"
    assert _read(folder, str(folder / name)) == "inside"


@pytest.mark.parametrize(
    "name",
    [
        "../secret",
        "00/../../secret",
        "out",
        "away/secret",
        "etc/passwd",
        "/etc/passwd",
        "away/run/../secret",
        "..",
        ".",
    ],
)
def test_what_lies_outside_is_not_read(folder: Path, name: str) -> None:
    with pytest.raises(PermissionError):
        _read(folder, name)


@pytest.mark.parametrize("name", ["loop", "pipe", "00", "nothing", "00/job.out/x", "a\0b"])
def test_what_is_no_file_is_an_error(folder: Path, name: str) -> None:
    with pytest.raises(OSError):
        _read(folder, name)


@given(st.lists(st.sampled_from(["..", ".", "00", "job.out", "away", "inner", "run", "secret", "etc", ""]), max_size=8))
def test_no_path_of_any_parts_reads_the_secret(folder: Path, parts: list[str]) -> None:
    for name in ("/".join(parts), str(folder / "/".join(parts))):
        try:
            assert _read(folder, name) == "inside"
        except OSError:
            pass


def test_a_folder_of_something_else_is_no_submit_directory(folder: Path, tmp_path: Path) -> None:
    assert not is_submit_dir("/etc")
    assert not is_submit_dir(folder)
    assert not is_submit_dir("a\0b")
    (tmp_path / "x.dag").touch()
    assert is_submit_dir(tmp_path)
