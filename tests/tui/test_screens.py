"""The screen, driven by its keys over databases of recorded runs."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.events import Key

from stampede.tui import forest
from stampede.tui.app import TopApp
from stampede.tui.forest import ForestScreen
from stampede.tui.job import JobScreen
from stampede.tui.listing import Listing
from stampede.tui.printed import PrintedScreen
from stampede.tui.reading import Watched
from stampede.tui.workflow import WorkflowScreen

from .conftest import Drive, Driver, seen

Own = Callable[[str], tuple[Path, str]]


def test_the_first_screen_has_every_workflow_with_its_counts(drive: Drive, databases: dict[str, str]) -> None:
    async def play(d: Driver) -> None:
        assert "✗ failed" in await d.line("failing")
        assert "6/14" in await d.line("failing")
        held = await d.line("dm_g_hold")
        assert "► running" in held
        assert "1/6" in held
        nested = await d.line("inner_nested")
        assert "├─▾" in nested or "└─▾" in nested
        shown = await d.until("deepest", "4 workflows, 1 running, 1 failed")
        assert "WORKFLOW" in shown.splitlines()[1]

    drive([databases[n] for n in ("pg_fail", "dm_g_hold_running", "dm_e_subdag", "dm_c_rescue")], play)


def test_the_line_below_tells_the_worst_of_what_the_cursor_is_on(drive: Drive, databases: dict[str, str]) -> None:
    async def play(d: Driver) -> None:
        await d.until("4 jobs held: ", "failing")
        await d.keys("j")
        await d.until("1 job failed, findrange_ID0000003: exit code 3; 7 nodes can never run")

    drive([databases["dm_g_hold_running"], databases["pg_fail"]], play)


def test_a_folded_line_counts_what_it_hides(drive: Drive, databases: dict[str, str]) -> None:
    async def play(d: Driver) -> None:
        assert " 5/5 " in await d.line("dm_e_subdag")
        await d.keys("space")
        folded = await d.until("dm_e_subdag +4", but="inner_ok")
        assert " 15/15 " in folded
        await d.keys("right")
        await d.until("inner_ok", "deepest")
        await d.keys("minus")
        await d.until("+4", but="deepest")
        await d.keys("plus", "end", "left")
        assert " 15/15 " not in await d.until("deepest")

    drive([databases["dm_e_subdag"]], play)


def test_search_failing_and_sort_change_what_is_listed(drive: Drive, databases: dict[str, str]) -> None:
    async def play(d: Driver) -> None:
        await d.until("dm_e_subdag", "failing")
        await d.keys("slash", *"deep", "enter")
        await d.until("deepest", "/deep", but="inner_ok")
        await d.keys("escape")
        await d.until("inner_ok", but="/deep")
        await d.keys("f")
        await d.until("failing", "only failing", but="dm_e_subdag")
        await d.keys("f", "s")
        await d.until("by name", "dm_e_subdag")
        await d.keys("slash", *"zzz")
        await d.until("No workflow matches")

    drive([databases["pg_fail"], databases["dm_e_subdag"]], play)


def test_from_the_forest_down_to_what_a_try_printed_and_back(drive: Drive, databases: dict[str, str]) -> None:
    async def play(d: Driver) -> None:
        await d.until("failing")
        await d.keys("enter")
        row = await d.line("✗ failed      2")
        assert "findrange_ID0000003" in row
        await d.until("7 futile", "the program failed", "calibration.dat is missing")
        await d.keys("enter")
        shown = await d.until("RETRY 1", "after    preprocess_ID0000001", "POST script: exit code 1", "code 3")
        assert shown.count("✗ failed") >= 2
        await d.keys("enter")
        await d.until("findrange2: FATAL: required calibration file", "stderr of task 1", "kickstart")
        screens = [type(d.app.screen)]
        for _ in range(5):
            await d.keys("escape")
            screens.append(type(d.app.screen))
        assert screens == [PrintedScreen, JobScreen, WorkflowScreen, ForestScreen, ForestScreen, ForestScreen]

    drive([databases["pg_fail"]], play)


def test_the_texts_of_a_try_stand_beside_each_other(drive: Drive, databases: dict[str, str]) -> None:
    async def play(d: Driver) -> None:
        await d.until("failing")
        await d.keys("enter")
        await d.until("findrange_ID0000003")
        await d.keys("enter")
        await d.until("code 3")
        await d.keys("enter")
        await d.until("FATAL")
        for _ in range(9):
            await d.keys("right")
            if "invocation 1: diamond::findrange:4.0" in "\n".join(seen(d.app)):
                break
        await d.until("invocation 1: diamond::findrange:4.0", "ended     exit code 3", "POST script: dagman::post")

    drive([databases["pg_fail"]], play)


def test_a_workflow_opens_where_the_news_is(drive: Drive, databases: dict[str, str]) -> None:
    async def play(d: Driver) -> None:
        await d.until("dm_g_hold")
        await d.keys("enter")
        shown = await d.until("■ held", "3 held 4", "held_by_operator", "needs_input")
        assert "maintenance window on node 7" in shown
        await d.keys("1")
        await d.until("✓ done", "· unready")
        await d.keys("s", "s", "s", "s", "s", "s")
        await d.until("6 by name")
        await d.keys("6")
        await d.until("CAUSE", "held")
        await d.keys("enter")
        await d.until("what to do: ", "nodes (")
        await d.keys("escape", "right")
        await d.until("6 by name")

    drive([databases["dm_g_hold_running"]], play)


def test_jobs_of_sub_workflows_are_found_by_their_paths(drive: Drive, databases: dict[str, str]) -> None:
    async def play(d: Driver) -> None:
        await d.until("deepest")
        await d.keys("enter")
        await d.until("15 by name", "inner_nested/deepest/")
        await d.keys("slash", *"nested/", "enter")
        await d.until("4 by name", but="inner_ok/")
        await d.keys("escape", "b")
        await d.until("own jobs only 5 by name", but="inner_ok/")

    drive([databases["dm_e_subdag"]], play)


def test_what_jobs_print_is_text_and_steers_nothing(drive: Drive, own_database: Own, tmp_path: Path) -> None:
    path, url = own_database("pg_fail")
    evil = "\x1b[2J\x1b]0;title\x07[bold red]not bold[/] [link=x]no link[/link] \x9b31m\u202eside"
    connection = sqlite3.connect(path)
    connection.execute("UPDATE job_instance SET stderr_text = ?, stdout_text = NULL", (evil.replace("%", "%25"),))
    connection.execute("UPDATE workflow SET dax_label = ?, state_reason = ?", (f"la{evil}bel", evil))
    connection.execute("UPDATE job SET node_state_reason = ?", (evil,))
    connection.commit()
    connection.close()
    shown_evil = "\\x1b[2J\\x1b]0;title\\x07[bold red]not bold[/] [link=x]no link[/link] \\x9b31m\\u202eside"

    async def play(d: Driver) -> None:
        await d.until("[bold red]not bold[/]")
        await d.keys("enter")
        await d.until("findrange_ID0000003", "[bold red]not bold[/]")
        await d.keys("enter")
        await d.until("code 3", "[bold red]not bold[/]")
        await d.keys("enter")
        shown = await d.until(shown_evil)
        assert not any(c in shown for c in "\x1b\x07\x9b\u202e")

    drive([url], play)


def test_a_file_that_grows_is_followed_at_its_end(drive: Drive, own_database: Own, tmp_path: Path) -> None:
    path, url = own_database("pg_fail")
    out = tmp_path / "job.out"
    out.write_text("".join(f"row {i}\n" for i in range(100)))
    connection = sqlite3.connect(path)
    connection.execute("UPDATE job_instance SET stdout_file = ?, stderr_file = NULL, stdout_text = NULL, "
                       "stderr_text = NULL", (str(out),))  # fmt: skip
    connection.commit()
    connection.close()

    async def play(d: Driver) -> None:
        await d.until("failing")
        await d.keys("enter")
        await d.until("findrange_ID0000003")
        await d.keys("enter")
        await d.until("code 3")
        await d.keys("enter")
        await d.until("job.out")
        for _ in range(5):
            if "row 1" in "\n".join(seen(d.app)):
                break
            await d.keys("right")
        await d.until("row 1", but="row 99")
        await d.keys("slash", *"row 7", "enter")
        await d.until("row 7")
        await d.keys("G")
        await d.until("row 99", "100 %")
        with out.open("a") as file:
            file.write("the latest news\n")
        await d.until("the latest news")

    drive([url], play)


def test_a_database_that_vanishes_is_a_sentence_in_its_line_until_it_is_back(
    drive: Drive, own_database: Own, databases: dict[str, str], tmp_path: Path
) -> None:
    path, url = own_database("pg_fail")

    async def play(d: Driver) -> None:
        await d.until("failing", "dm_c_rescue")
        path.rename(tmp_path / "aside")
        shown = await d.until("! There is no database", "? not read")
        assert "dm_c_rescue" in shown
        (tmp_path / "aside").rename(path)
        await d.until("✗ failed", but="no database")
        await d.keys("end", "enter")

    drive([url, databases["dm_c_rescue"]], play)


def test_a_locked_database_is_told_and_holds_up_nothing(
    drive: Drive, own_database: Own, databases: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, url = own_database("pg_fail")
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=DELETE")
    connection.execute("BEGIN EXCLUSIVE")
    monkeypatch.setattr(forest, "_PATIENCE_S", 0.3)

    async def play(d: Driver) -> None:
        await d.until("pg_fail.db has not answered", "dm_c_rescue")
        await d.keys("end", "enter")
        await d.until("✓ done")
        await d.keys("escape")
        connection.execute("ROLLBACK")
        await d.until("failing", but="has not answered")

    drive([url, databases["dm_c_rescue"]], play)
    connection.close()


def test_a_workflow_that_is_gone_from_its_database_is_told_on_its_screen(drive: Drive, own_database: Own) -> None:
    path, url = own_database("pg_fail")

    async def play(d: Driver) -> None:
        await d.until("failing")
        await d.keys("enter")
        await d.until("findrange_ID0000003")
        path.unlink()
        await d.until("There is no database", "✗ not read")
        await d.keys("1", "G", "enter", "escape", "escape")

    drive([url], play)


@pytest.mark.parametrize("size", [(60, 20), (200, 60), (1, 1)])
def test_every_screen_fits_every_terminal(drive: Drive, databases: dict[str, str], size: tuple[int, int]) -> None:
    async def play(d: Driver) -> None:
        for key in ("end", "enter", "6", "1", "enter", "tab", "tab", "enter", "right", "question_mark", "y"):
            await d.pilot.pause(0.05)
            await d.keys(key)
            assert all(cell_len(line) <= size[0] for line in seen(d.app))
        await d.pilot.resize_terminal(60, 20)
        await d.pilot.resize_terminal(140, 50)
        for _ in range(6):
            await d.keys("escape")
            assert all(cell_len(line) <= 140 for line in seen(d.app))
        await d.until("dm_e_subdag", "dm_g_hold")

    drive([databases["dm_g_hold_running"], databases["dm_e_subdag"]], play, size=size)


def test_help_names_the_keys_and_y_the_command(drive: Drive, databases: dict[str, str]) -> None:
    async def play(d: Driver) -> None:
        await d.until("failing")
        await d.keys("question_mark")
        await d.until("every watched workflow, down to what a job printed")
        await d.keys("escape", "y")
        await d.until("stampede status 4c58fd30 --db sqlite:///")
        await d.keys("escape", "enter")
        await d.until("findrange_ID0000003")
        await d.keys("y")
        await d.until("stampede jobs 4c58fd30 --state failed --all --db sqlite:///")
        await d.keys("escape", "enter")
        await d.until("code 3")
        await d.keys("enter", "y")
        await d.until("stampede show findrange_ID0000003 4c58fd30 --try 2 --full --db")
        await d.keys("q")

    drive([databases["pg_fail"]], play)


def test_a_name_that_is_unknown_is_told_on_the_screen(drive: Drive, databases: dict[str, str]) -> None:
    async def play(d: Driver) -> None:
        await d.until("There is no workflow 'nobody'")
        await d.keys("enter", "f", "s", "y", "escape")

    drive([Watched(databases["pg_fail"], ("nobody",))], play)


def test_what_is_registered_later_appears(databases: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forest, "_FIND_S", 0.2)
    known = [Watched(databases["pg_fail"])]

    async def main() -> None:
        app = TopApp(known, interval=0.2, find=lambda: [*known, Watched(databases["dm_c_rescue"])])
        async with app.run_test(size=(100, 30)) as pilot:
            await Driver(app, pilot).until("failing", "dm_c_rescue")

    asyncio.run(main())


def test_a_click_chooses_and_another_opens(drive: Drive, databases: dict[str, str]) -> None:
    async def play(d: Driver) -> None:
        await d.until("deepest")
        await d.pilot.click(Listing, offset=(5, 3))
        assert d.app.screen.query_one(Listing).cursor == 2
        await d.pilot.click(Listing, offset=(5, 3))
        await d.until("workflow", "by name")
        assert isinstance(d.app.screen, WorkflowScreen)

    drive([databases["dm_e_subdag"]], play)


def test_the_cursor_stays_on_its_workflow_when_others_come_before_it(drive: Drive, own_database: Own) -> None:
    path, url = own_database("dm_e_subdag")

    async def play(d: Driver) -> None:
        await d.until("deepest")
        await d.keys("s", "end")
        await d.until("by name")
        screen = d.app.screen
        assert isinstance(screen, ForestScreen)
        before = screen.line
        connection = sqlite3.connect(path)
        connection.execute("UPDATE workflow SET dax_label = 'zzz' WHERE dax_label = 'inner_flaky'")
        connection.commit()
        connection.close()
        await d.until("zzz")
        assert before is not None
        assert screen.line is not None
        assert screen.line.name == before.name

    drive([url], play)


def test_what_is_typed_right_after_the_slash_is_searched_for(drive: Drive, databases: dict[str, str]) -> None:
    async def play(d: Driver) -> None:
        await d.until("deepest")
        for key, character in [("slash", "/"), ("q", "q"), ("slash", "/"), ("f", "f")]:  # in one burst, as if pasted
            d.app.post_message(Key(key, character))
        await d.until("/q/f", "No workflow matches")
        assert d.app.is_running

    drive([databases["dm_e_subdag"]], play)
