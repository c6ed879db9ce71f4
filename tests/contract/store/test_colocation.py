"""Tables spread over the nodes of Citus as the how-to says: their keys can be kept, runs are loaded and answered alike,
and its list of joins that need several nodes is complete. All of it on a plain PostgreSQL."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click.testing
import psycopg
import pytest

from bench.archive.questions import QUESTIONS
from stampede import pipeline
from stampede.cli.main import cli
from stampede.query import open_database
from stampede.store.postgres import PostgresConnection
from stampede.store.schema import metadata
from tests.contract.store.colocation import EACH, JOINED, LIMITED, OUTER, Apart, Spread
from tests.contract.store.tables import all_tables, differences
from tests.servers import database

_PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "databases.md"
_RUNS = ("pg_fail", "dm_g_hold")
_VERBS = (
    ["status"], ["stats", "--section", "all"], ["jobs"], ["jobs", "--retried"], ["jobs", "--sort", "duration"],
    ["triage"],
)  # fmt: skip
#: what Citus would do with a table, held against its rule for keys and against names that are not there
_CITUS = """
CREATE FUNCTION create_reference_table(place regclass) RETURNS void LANGUAGE sql AS '';
CREATE FUNCTION create_distributed_table(place regclass, spread text, colocate_with text DEFAULT 'default')
RETURNS void LANGUAGE plpgsql AS $$ BEGIN
  IF EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = place AND i.indisunique AND NOT EXISTS (
      SELECT 1 FROM pg_attribute a WHERE a.attrelid = place AND a.attname = spread AND a.attnum = ANY (i.indkey)))
  THEN RAISE EXCEPTION 'a unique key of % lacks %', place, spread; END IF;
END $$
"""


class Recorded(NamedTuple):
    """A database laid out as the page says, with runs in it, and what was asked of it: the verbs by statement."""

    url: str
    refused: set[str]
    said: dict[str, set[str]]


def _section() -> str:
    return _PAGE.read_text(encoding="utf-8").split("\n## Over Citus\n")[1].split("\n## ")[0]


def _statements() -> str:
    return "\n".join(line[4:] for line in _section().splitlines() if line.startswith("    "))


def _spread() -> dict[str, str]:
    return dict(re.findall(r"create_distributed_table\('(\w+)', '(\w+)'", _statements()))


def _reference() -> set[str]:
    return set(re.findall(r"create_reference_table\('(\w+)'", _statements()))


@pytest.fixture(scope="module")
def recorded(corpus: Path) -> Iterator[Recorded]:
    said: dict[str, set[str]] = defaultdict(set)
    asked = ""
    run = PostgresConnection.run

    def listening(self: PostgresConnection, text: str, given: dict[str, Any] | None = None) -> Any:
        said[text.partition(" CURSOR FOR ")[2] or text].add(asked)
        return run(self, text, given)

    with database("postgresql") as url, pytest.MonkeyPatch.context() as patch:
        _asked(url, "db", "init")
        refused = _laid_out(url)
        pipeline.load([corpus / name for name in _RUNS], url)
        patch.setattr(PostgresConnection, "run", listening)
        for asked, *options in _VERBS:
            _asked(url, asked, "failing", *options)
        asked = "SQL of a site"
        with open_database(url) as reader:
            for question in QUESTIONS:
                reader.rows(question.sql)
        yield Recorded(url, refused, {t: v for t, v in said.items() if t.startswith(("SELECT", "WITH", "CREATE TEMP"))})


def _asked(url: str, *words: str) -> None:
    result = click.testing.CliRunner().invoke(cli, [*words, "--db", url], prog_name="stampede")
    assert result.exit_code in (0, 1), result.output


def _laid_out(url: str) -> set[str]:
    """Do what the page says; the tables that could not have been spread before."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(_CITUS)
        refused = set()
        for table, column in _spread().items():
            try:
                connection.execute("SELECT create_distributed_table(%s, %s)", (table, column))
            except psycopg.errors.RaiseException:
                refused.add(table)
        connection.execute(_statements())
    return refused


def _judge(recorded: Recorded) -> Spread:
    return Spread(_spread(), [t for t in recorded.said if t.startswith("CREATE TEMP")])


def _questions(recorded: Recorded) -> dict[str, set[str]]:
    return {t: verbs for t, verbs in recorded.said.items() if not t.startswith("CREATE")}


def test_the_keys_that_the_page_changes_are_those_that_cannot_be_kept(recorded: Recorded) -> None:
    changed = re.findall(r"ALTER TABLE (\w+)|ON (\w+) \(row_id\)", _statements())
    assert recorded.refused == {one or other for one, other in changed}


def test_runs_are_loaded_into_the_changed_tables_as_into_a_file(
    recorded: Recorded, corpus: Path, tmp_path: Path
) -> None:
    file = f"sqlite:///{tmp_path / 'all.db'}"
    pipeline.load([corpus / name for name in _RUNS], file)
    assert differences(all_tables(file), all_tables(recorded.url)) == []


def test_the_page_has_a_place_for_every_table_that_is_asked_beside_spread_ones(recorded: Recorded) -> None:
    judge = _judge(recorded)
    beside = set().union(*(judge.beside(text) for text in _questions(recorded)))
    assert beside - _reference() == set()
    assert {*_spread(), *_reference()} <= metadata.tables.keys()


def test_the_page_lists_the_joins_that_need_several_nodes_and_no_others(recorded: Recorded) -> None:
    judge = _judge(recorded)
    found: dict[Apart, set[str]] = defaultdict(set)
    for text, verbs in _questions(recorded).items():
        for apart in judge.apart(text):
            found[apart] |= verbs
    rows = [[cell.strip(" `") for cell in row.strip("|").split("|")] for row in _section().splitlines() if "|" in row]
    listed = {Apart(*row[:3]): {verb.strip(" `") for verb in row[3].split(",")} for row in rows if row[2] in _HOWS}
    assert listed == dict(found)


_HOWS = (JOINED, EACH, LIMITED, OUTER)
_SPREAD = Spread({"job_instance": "job_instance_id", "jobstate": "job_instance_id", "hold": "job_instance_id"}, [])


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1 FROM job_instance i JOIN jobstate s ON s.job_instance_id = i.job_instance_id",
        "SELECT 1 FROM job_instance i, jobstate s WHERE i.job_id = 3 AND s.job_instance_id = i.job_instance_id",
        "SELECT 1 FROM jobstate s JOIN job j ON j.last_job_instance_id = s.job_instance_id "
        "JOIN hold h ON h.job_instance_id = j.last_job_instance_id",
        "SELECT 1 FROM jobstate s JOIN (SELECT job_instance_id, max(seq) m FROM hold GROUP BY job_instance_id) l "
        "ON l.job_instance_id = s.job_instance_id",
        "SELECT 1 FROM job_instance i WHERE EXISTS (SELECT 1 FROM hold h WHERE h.job_instance_id = i.job_instance_id)",
        "SELECT 1 FROM job_instance i WHERE job_id IN (SELECT job_id FROM job)",
    ],
)
def test_rows_that_meet_on_the_column_are_on_one_node(text: str) -> None:
    assert _SPREAD.apart(text) == set()


@pytest.mark.parametrize(
    ("text", "one", "other", "how"),
    [
        ("SELECT 1 FROM job_instance i JOIN jobstate s ON s.state = i.state", "job_instance", "jobstate", JOINED),
        (
            "SELECT 1 FROM job_instance i JOIN jobstate s ON s.job_instance_id = i.job_instance_id OR i.site = ''",
            "job_instance", "jobstate", JOINED,
        ),
        (
            "SELECT 1 FROM jobstate s JOIN (SELECT job_instance_id + 1 AS job_instance_id FROM hold) l "
            "ON l.job_instance_id = s.job_instance_id",
            "hold", "jobstate", JOINED,
        ),
        (
            "SELECT 1 FROM job_instance i WHERE EXISTS (SELECT 1 FROM job_instance x WHERE x.job_id = i.job_id)",
            "job_instance", "job_instance", EACH,
        ),
        (
            "SELECT (SELECT max(s.timestamp) FROM jobstate s WHERE s.job_instance_id = j.last_job_instance_id) "
            "FROM job j",
            "jobstate", "job", EACH,
        ),
        (
            "SELECT (SELECT reason FROM jobstate s WHERE s.job_instance_id = i.job_instance_id LIMIT 1) "
            "FROM job_instance i",
            "jobstate", "job_instance", LIMITED,
        ),
        ("SELECT 1 FROM job j LEFT JOIN job_instance i ON i.job_id = j.job_id", "job", "job_instance", OUTER),
    ],
)  # fmt: skip
def test_rows_that_need_not_meet_on_the_column_are_found(text: str, one: str, other: str, how: str) -> None:
    assert _SPREAD.apart(text) == {Apart(one, other, how)}
