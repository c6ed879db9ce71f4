"""A long list of jobs: only the pages that are seen are read, and memory does not follow its length."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from stampede.query import open_database
from stampede.query.overview import JobLine, Wanted, jobs_page
from stampede.tui import pages
from stampede.tui.pages import PAGE, Pages, read_pages
from stampede.tui.workflow import WorkflowScreen

from .conftest import Drive, Driver

MANY = 5000
Own = Callable[[str], tuple[Path, str]]


@pytest.fixture
def many(own_database: Own) -> str:
    """A workflow with some thousand jobs more."""
    path, url = own_database("dm_c_rescue")
    connection = sqlite3.connect(path)
    connection.execute(
        f"""WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY})
            INSERT INTO job(wf_id, exec_job_id, submit_file, type_desc, clustered, max_retries, executable, task_count)
            SELECT 1, printf('many_%05d', i), '', 'compute', 0, 0, '/bin/true', 1 FROM n"""
    )
    connection.commit()
    connection.close()
    return url


def test_a_list_is_walked_from_end_to_end_in_few_pages(many: str) -> None:
    held = Pages()
    wanted = Wanted(workflows=(1,))
    with open_database(many) as reader:
        held.renew(read_pages(reader, wanted, [0], {}))
        names: list[str] = []
        for at in range(held.count):
            if held.missing(at, at):
                held.add(read_pages(reader, wanted, held.missing(at, at), held.known()))
            line = held.row(at)
            assert line is not None
            names.append(line.job)
            assert len(held.known()) <= pages._KEPT
        assert names == sorted(names)
        assert len(names) == MANY + 6
        held.add(read_pages(reader, wanted, held.missing(0, 0), held.known()))
        first = held.row(0)
        assert first is not None
        assert first.job == names[0]


def test_a_page_that_is_asked_for_after_the_list_got_shorter_is_its_last(many: str) -> None:
    with open_database(many) as reader:
        found = read_pages(reader, Wanted(workflows=(1,), text="many_0000"), [40], {})
    assert (found.count, list(found.pages)) == (9, [0])


def test_pages_of_another_list_are_not_mixed_in(many: str) -> None:
    held = Pages()
    with open_database(many) as reader:
        held.renew(read_pages(reader, Wanted(workflows=(1,)), [0], {}))
        held.add(read_pages(reader, Wanted(workflows=(1,), text="many"), [1], {}))
    assert list(held.known()) == [0]
    assert held.row(PAGE) is None


def test_the_screen_reads_what_is_seen(drive: Drive, many: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def counted(*args: object, **kwargs: object) -> list[JobLine]:
        found = jobs_page(*args, **kwargs)  # type: ignore[arg-type]
        read.append(len(found))
        return found

    monkeypatch.setattr(pages, "jobs_page", counted)

    async def play(d: Driver) -> None:
        await d.until("dm_c_rescue")
        await d.keys("enter")
        await d.until("5,006 by name", "many_00001")
        assert sum(read) <= 2 * PAGE
        await d.keys("G")
        await d.until("many_05000")
        await d.keys("pageup", "pageup", "pageup", "pageup")
        await d.until("many_04900")
        screen = d.app.screen
        assert isinstance(screen, WorkflowScreen)
        assert len(screen.pages.known()) <= pages._KEPT
        await d.keys("slash", *"many_0123", "enter")
        await d.until("10 by name", "many_01239", but="many_01240")

    drive([many], play, interval=30)
