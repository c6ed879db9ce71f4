"""Every verb answers the same, whichever database the runs lie in."""

from __future__ import annotations

import json
import re
from typing import Any

import click.testing
import pytest

from stampede.cli.main import cli
from stampede.query import open_database
from tests.contract.store.tables import same

NAMES = ("failing", "dm_g_hold", "dm_e_subdag", "dm_c_rescue")
#: moments of the recorded runs: before, in the middle of, after a failure
MOMENTS = ("2026-11-21T21:06:30Z", "2026-11-21T21:14:35Z", "last")
OF_A_RUN = (
    ["status"], ["triage"], ["jobs", "--limit", "1000"], ["jobs", "--sort", "duration", "--desc"],
    ["jobs", "--retried", "--all"], ["jobs", "--name", "*_ID*"], ["stats", "--section", "all"],
    ["stats", "--section", "time", "--by", "hour", "--by-host", "--per-workflow"], ["anomalies"],
)  # fmt: skip
OTHERS = (
    ["workflows"], ["stats", "--all", "--section", "all"], ["forecast", "failing"], ["forecast", "dm_g_hold"],
    ["advise", "retry", "failing", "--job", "findrange_ID0000003"], ["advise", "resources", "failing"],
    ["advise", "site", "failing", "--transformation", "diamond::findrange:4.0"],
    ["show", "findrange_ID0000003", "failing", "--full"], ["show", "held_by_operator", "dm_g_hold", "--try", "1"],
    ["trace", "f.b2", "failing"], ["trace", "ID0000004", "failing", "--up"], ["trace", "f.a", "failing", "--down"],
    ["compare", "dm_c_rescue", "dm_g_hold"], ["db", "check"],
)  # fmt: skip


def _answer(url: str, *asked: str) -> Any:
    result = click.testing.CliRunner().invoke(cli, [*asked, "--db", url, "--json"], prog_name="stampede")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    text = result.stdout.replace(url, "URL")
    try:
        return result.exit_code, json.loads(text), result.stderr.replace(url, "URL")
    except ValueError:
        return result.exit_code, text, result.stderr.replace(url, "URL")


def _equal(sqlite: str, server: str, *asked: str) -> None:
    code, answer, said = _answer(sqlite, *asked)
    other_code, other, other_said = _answer(server, *asked)
    assert (code, said) == (other_code, other_said)
    assert code in (0, 1), said
    assert same(answer, other), _first(answer, other)


def _first(one: Any, other: Any, at: str = "") -> str:
    """Where two answers differ first."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = [k for k in one if not same(one[k], other.get(k))]
        return _first(one[keys[0]], other.get(keys[0]), f"{at}.{keys[0]}") if keys else f"{at}: {one} {other}"
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        n = next(n for n, (a, b) in enumerate(zip(one, other, strict=True)) if not same(a, b))
        return _first(one[n], other[n], f"{at}[{n}]")
    return f"{at}: {one!r:.500} and {other!r:.500}"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("asked", OF_A_RUN, ids=" ".join)
def test_a_run_is_told_alike(sqlite: str, server: str, asked: list[str], name: str) -> None:
    _equal(sqlite, server, *asked, name)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("asked", OF_A_RUN[:-1], ids=" ".join)
@pytest.mark.parametrize("name", ["failing", "dm_g_hold"])
def test_a_run_is_told_alike_as_it_stood(sqlite: str, server: str, asked: list[str], name: str, moment: str) -> None:
    code, answer, said = _answer(sqlite, *asked, name, "--as-of", moment)
    other_code, other, other_said = _answer(server, *asked, name, "--as-of", moment)
    assert (code, said) == (other_code, other_said)
    assert same(answer, other), _first(answer, other)


@pytest.mark.parametrize("asked", OTHERS, ids=" ".join)
def test_other_questions_are_answered_alike(sqlite: str, server: str, asked: list[str]) -> None:
    if asked == ["db", "check"]:
        return _checked(sqlite, server)
    return _equal(sqlite, server, *asked)


def _checked(sqlite: str, server: str) -> None:
    _, found, _ = _answer(sqlite, "db", "check")
    _, other, _ = _answer(server, "db", "check")
    assert found["ok"]
    assert other["ok"], other
    assert found["rows"] == other["rows"]


@pytest.mark.parametrize("picture", ["gantt", "hosts", "states", "runtimes", "breakdown", "failures"])
def test_pictures_are_alike(sqlite: str, server: str, picture: str) -> None:
    drawn = [
        click.testing.CliRunner().invoke(cli, ["plot", picture, "failing", "--db", url]).stdout.replace(url, "URL")
        for url in (sqlite, server)
    ]
    assert _rounded(drawn[0]) == _rounded(drawn[1])


def _rounded(svg: str) -> str:
    return re.sub(r"\d+\.\d+", lambda number: f"{float(number[0]):.1f}", svg)


def test_a_look_back_may_make_many_rows_anew(server: str) -> None:
    """As that at a large workflow does, into tables of its own, of whose columns the statements say nothing."""
    rows = [(n, None, f"job {n}") for n in range(1_000)]
    with open_database(server) as reader, reader.snapshot():
        reader.scratch("CREATE TEMP TABLE past_job(job_id INTEGER PRIMARY KEY, node_state_ts, node_state)")
        reader.scratch("INSERT INTO temp.past_job VALUES (?, ?, ?)", rows)
        assert reader.rows("SELECT * FROM temp.past_job ORDER BY job_id") == rows
