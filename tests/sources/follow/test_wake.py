"""Which watched files and folders changed: told at once with inotify, soon without it, never not at all."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from inotify_simple import INotify, flags

from stampede.sources.follow import wake as module
from stampede.sources.follow.wake import Wake

#: seconds in which a change has to be told
_SOON_S = 2.0


@pytest.fixture(params=["inotify", "polling"])
def wake(request: pytest.FixtureRequest) -> Iterator[Wake]:
    with Wake(polling=request.param == "polling") as made:
        yield made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "x.log"
    path.write_text("one\n")
    return path


def append(path: Path, text: str = "more\n") -> None:
    with path.open("a") as handle:
        handle.write(text)


def quiet(wake: Wake) -> None:
    """Nothing has happened since; what was told late is over."""
    while wake.wait(0.02):
        pass


# ---- what is told ---------------------------------------------------------------------------------------------------


def test_a_file_that_was_written_to_is_told(wake: Wake, file: Path) -> None:
    wake.watch(file)
    quiet(wake)
    append(file)
    assert wake.wait(_SOON_S) == {file}
    quiet(wake)
    append(file)
    assert wake.wait(_SOON_S) == {file}


def test_a_file_that_appears_is_told_and_so_is_what_is_written_then(wake: Wake, tmp_path: Path) -> None:
    file = tmp_path / "later.log"
    wake.watch(file)
    assert wake.wait(0.05) == set()
    file.write_text("one\n")
    assert wake.wait(_SOON_S) == {file}
    quiet(wake)
    append(file)
    assert wake.wait(_SOON_S) == {file}


def test_a_file_that_is_deleted_and_made_again_is_told_both_times(wake: Wake, file: Path) -> None:
    wake.watch(file)
    quiet(wake)
    file.unlink()
    assert wake.wait(_SOON_S) == {file}
    quiet(wake)
    file.write_text("new\n")
    assert wake.wait(_SOON_S) == {file}
    quiet(wake)
    append(file)
    assert wake.wait(_SOON_S) == {file}


def test_a_file_that_is_renamed_away_and_replaced_is_told_and_the_new_one_is_watched(wake: Wake, file: Path) -> None:
    """As a log is rotated; what is then written to the old one is nobody's business."""
    wake.watch(file)
    quiet(wake)
    old = file.rename(f"{file}.old")
    file.write_text("new\n")
    assert wake.wait(_SOON_S) == {file}
    quiet(wake)
    append(old)
    assert wake.wait(0.2) == set()
    append(file)
    assert wake.wait(_SOON_S) == {file}


def test_a_file_that_another_is_renamed_onto_is_told(wake: Wake, file: Path, tmp_path: Path) -> None:
    wake.watch(file)
    quiet(wake)
    (tmp_path / "other").write_text("another\n")
    (tmp_path / "other").rename(file)
    assert wake.wait(_SOON_S) == {file}
    quiet(wake)
    append(file)
    assert wake.wait(_SOON_S) == {file}


def test_what_comes_and_goes_in_a_folder_is_told(wake: Wake, tmp_path: Path) -> None:
    wake.watch(tmp_path)
    quiet(wake)
    (tmp_path / "new").touch()
    assert wake.wait(_SOON_S) == {tmp_path}
    quiet(wake)
    (tmp_path / "new").rename(tmp_path / "newer")
    assert wake.wait(_SOON_S) == {tmp_path}
    quiet(wake)
    (tmp_path / "newer").unlink()
    assert wake.wait(_SOON_S) == {tmp_path}


def test_a_folder_that_is_made_after_it_was_asked_for_is_watched(wake: Wake, tmp_path: Path) -> None:
    folder = tmp_path / "later"
    wake.watch(folder)
    folder.mkdir()
    assert wake.wait(_SOON_S) == {folder}
    quiet(wake)
    (folder / "new").touch()
    assert wake.wait(_SOON_S) == {folder}


def test_of_many_files_exactly_those_that_changed_are_told(wake: Wake, tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.log" for number in range(300)]
    for file in files:
        file.touch()
        wake.watch(file)
    quiet(wake)
    changed = set(files[::7])
    for file in changed:
        append(file)
    found: set[Path] = set()
    end = time.monotonic() + _SOON_S
    while found != changed and time.monotonic() < end:
        found |= wake.wait(0.1)
    assert found == changed
    assert wake.wait(0.1) == set()


def test_what_was_forgotten_is_not_told(wake: Wake, file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.touch()
    wake.watch(file)
    wake.watch(other)
    quiet(wake)
    wake.forget(file)
    wake.forget(tmp_path / "never asked for")
    append(file)
    append(other)
    assert wake.wait(_SOON_S) == {other}
    assert wake.wait(0.1) == set()


def test_a_file_that_is_asked_for_twice_is_watched_once(wake: Wake, file: Path) -> None:
    wake.watch(file)
    wake.watch(file)
    quiet(wake)
    append(file)
    assert wake.wait(_SOON_S) == {file}
    wake.forget(file)
    append(file)
    assert wake.wait(0.1) == set()


def test_what_changed_while_nobody_waited_is_told_at_the_next_question(wake: Wake, file: Path) -> None:
    wake.watch(file)
    quiet(wake)
    append(file)
    time.sleep(0.1)
    assert wake.wait(_SOON_S) == {file}


# ---- waiting --------------------------------------------------------------------------------------------------------


def test_waiting_ends_empty_when_its_time_is_over(wake: Wake, file: Path) -> None:
    wake.watch(file)
    quiet(wake)
    began = time.monotonic()
    assert wake.wait(0.15) == set()
    assert 0.1 < time.monotonic() - began < 1.0


def test_inotify_is_told_in_less_than_polling_takes(file: Path) -> None:
    """Nobody looks at the file meanwhile: the wait for a change costs one wake-up."""
    with Wake() as wake:
        wake.watch(file)
        quiet(wake)
        assert wake.blind == 0
        timer = threading.Timer(0.1, append, [file])
        timer.start()
        began = time.monotonic()
        assert wake.wait(10.0) == {file}
        assert time.monotonic() - began < 1.0
        timer.join()


@pytest.mark.parametrize("polling", [False, True])
def test_an_interrupt_ends_the_wait(file: Path, polling: bool) -> None:
    reader, writer = os.pipe()
    try:
        with Wake(polling=polling, interrupt=reader) as wake:
            wake.watch(file)
            quiet(wake)
            timer = threading.Timer(0.1, os.write, [writer, b"x"])
            timer.start()
            began = time.monotonic()
            assert wake.wait(10.0) == set()
            assert time.monotonic() - began < 5.0
            timer.join()
    finally:
        os.close(reader)
        os.close(writer)


# ---- where inotify is of no use -------------------------------------------------------------------------------------


def test_with_polling_everything_is_blind_and_inotify_is_not_asked(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(**_: Any) -> INotify:
        raise AssertionError("inotify was asked")

    monkeypatch.setattr(module, "INotify", refused)
    with Wake(polling=True) as wake:
        wake.watch(file)
        assert wake.blind == 1
        quiet(wake)
        append(file)
        assert wake.wait(_SOON_S) == {file}


def test_without_an_inotify_instance_looking_does_as_well(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_many(**_: Any) -> INotify:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(module, "INotify", too_many)
    with Wake() as wake:
        wake.watch(file)
        quiet(wake)
        append(file)
        assert wake.wait(_SOON_S) == {file}


def test_when_there_are_no_more_watches_the_rest_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, left = INotify.add_watch, [2]

    def limited(self: INotify, path: Path, mask: int) -> int:
        if not left[0]:
            raise OSError(28, "No space left on device")
        left[0] -= 1
        return int(real(self, path, mask))

    monkeypatch.setattr(INotify, "add_watch", limited)
    files = [tmp_path / f"{number}.log" for number in range(4)]
    with Wake() as wake:
        for file in files:
            file.touch()
            wake.watch(file)
        assert wake.blind == 2
        quiet(wake)
        for file in files:
            append(file)
            assert wake.wait(_SOON_S) == {file}
            quiet(wake)


def test_on_a_network_file_system_everything_is_blind(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stampede.places.on_network", lambda path: True)
    with Wake() as wake:
        wake.watch(file)
        assert wake.blind == 1
        quiet(wake)
        append(file)
        assert wake.wait(_SOON_S) == {file}


def _silence(wake: Wake, path: Path) -> None:
    """Let inotify say nothing of a file any more, behind the back of who watches it."""
    assert wake._inotify is not None
    wake._inotify.rm_watch(wake._watched[path].descriptor)
    wake._inotify.read(timeout=0)  # the word that it is gone


def test_a_file_of_which_inotify_says_nothing_becomes_blind_and_is_still_seen(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SAFETY_S", 0.1)
    monkeypatch.setattr(module, "_PATIENCE_S", 0.1)
    with Wake() as wake:
        wake.watch(file)
        quiet(wake)
        _silence(wake, file)
        append(file)
        assert wake.wait(_SOON_S) == {file}
        assert wake.blind == 1
        # from now on it is looked at without waiting for the next look at everything
        monkeypatch.setattr(module, "_SAFETY_S", 1000.0)
        wake._safety = time.monotonic() + 1000.0
        quiet(wake)
        append(file)
        assert wake.wait(_SOON_S + 0.5) == {file}


def test_a_blind_file_of_which_inotify_speaks_again_is_blind_no_more(file: Path) -> None:
    with Wake() as wake:
        wake.watch(file)
        quiet(wake)
        wake._watched[file].blind = True
        append(file)
        assert file in wake.wait(_SOON_S)
        assert wake.blind == 0


def test_blind_files_are_looked_at_ever_less_often_till_something_happens(file: Path) -> None:
    """From twenty times a second down to every two seconds, and quickly again after a change."""
    with Wake(polling=True) as wake:
        wake.watch(file)
        watched = wake._watched[file]
        intervals = []
        for _ in range(30):
            watched.next = 0.0
            assert wake.ready() == set()
            intervals.append(watched.interval)
        assert intervals == sorted(intervals)
        assert intervals[0] < 0.1
        assert intervals[-1] == 2.0
        append(file)
        watched.next = 0.0
        assert wake.ready() == {file}
        assert watched.interval == 0.05


def test_after_an_overflow_everything_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The queue of inotify was full: what it dropped is found by looking."""
    files = [tmp_path / f"{number}.log" for number in range(5)]
    with Wake() as wake:
        for file in files:
            file.touch()
            wake.watch(file)
        quiet(wake)
        assert wake._inotify is not None
        for file in files:
            append(file)
        dropped = wake._inotify.read(timeout=100)
        assert dropped
        overflow = dropped[0]._replace(wd=-1, mask=flags.Q_OVERFLOW)
        monkeypatch.setattr(wake._inotify, "read", lambda **_: [overflow])
        assert wake.ready() == set(files)
        monkeypatch.undo()
        append(files[3])
        assert wake.wait(_SOON_S) == {files[3]}
