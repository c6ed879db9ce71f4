"""A PostgreSQL that keeps states by months: laid out, kept, made one table again, while others read and write.

That rows and answers are those of a file is held by the rest of this folder, of which one database is in parts.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest

from stampede import pipeline, retention
from stampede.errors import DatabaseError, UsageError
from stampede.query import open_database
from stampede.query.health import check
from stampede.query.space import usage
from stampede.store.compacting import compact
from stampede.store.connection import open_existing, open_writer
from stampede.store.loader import Loader
from stampede.store.migrations.comparing import differences as undeclared
from stampede.store.migrations.verbs import downgrade, upgrade
from stampede.store.months import work
from stampede.store.months.month import Month
from stampede.store.months.verbs import Partitioned, Way, make_by_month, months, partition
from stampede.store.server.connection import ServerConnection
from tests.contract.store.conftest import RUNS
from tests.contract.store.tables import all_tables, differences
from tests.servers import SERVICES, administer, database

#: when the recorded runs ran
RAN = Month(2026, 11)
NOW = RAN.first_ts + 86_400.0
DAY = 86_400.0


@pytest.fixture
def empty() -> Iterator[str]:
    """The URL of an empty PostgreSQL."""
    with database("postgresql") as url:
        yield url


@pytest.fixture
def plain(empty: str, corpus: Path) -> str:
    """With recorded runs, as one table; some of their states are of a month and two months before, one of no time."""
    pipeline.load([corpus / name for name in RUNS], empty)
    _run(
        empty,
        f"UPDATE jobstate SET timestamp = timestamp - {31 * DAY} WHERE job_instance_id % 3 = 0",
        f"UPDATE jobstate SET timestamp = timestamp - {61 * DAY} WHERE job_instance_id % 3 = 1 AND state = 'SUBMIT'",
        "UPDATE jobstate SET timestamp = -7 WHERE row_id = 2",
    )
    return empty


@pytest.fixture
def by_month(empty: str, corpus: Path) -> str:
    """Laid out by months from the beginning, with recorded runs."""
    open_writer(empty).close()
    keep(empty, "month")
    pipeline.load([corpus / name for name in RUNS], empty)
    return empty


def keep(url: str, way: Way | None = None, **given: Any) -> Partitioned:
    return partition(url, way, **{"now": NOW, "ahead": 2, **given})


def _run(url: str, *statements: str) -> list[Any]:
    with closing(cast(ServerConnection, open_existing(url))) as connection:
        return [connection.statement(text).fetchall() for text in statements][-1]


def _not_as_declared(url: str) -> list[str]:
    with open_database(url) as reader, reader.snapshot():
        return undeclared(reader)


def _numbered(url: str) -> list[Any]:
    return _run(url, "SELECT row_id, job_instance_id, state, timestamp FROM jobstate ORDER BY 1")


def _shape(url: str) -> list[Any]:
    """What the catalogue says of the table, its columns, keys and sequence."""
    return [
        *_run(url, "SELECT column_name, data_type, is_nullable, column_default, is_identity, collation_name FROM "
                   "information_schema.columns WHERE table_name = 'jobstate' ORDER BY ordinal_position"),
        *_run(url, "SELECT indexdef FROM pg_indexes WHERE tablename = 'jobstate' ORDER BY 1"),
        *_run(url, "SELECT conname FROM pg_constraint WHERE conrelid = 'jobstate'::regclass ORDER BY 1"),
        *_run(url, "SELECT relname, relkind FROM pg_class WHERE relname LIKE 'jobstate%' ORDER BY 1"),
    ]  # fmt: skip


def _rows_of(url: str) -> dict[str, int]:
    names = [p.table for p in months(url).parts]
    return {name: _run(url, f"SELECT count(*) FROM {name}")[0][0] for name in names}


def test_a_new_one_is_as_declared_and_can_be_made_again(empty: str) -> None:
    make_by_month(empty)
    made = months(empty)
    assert made.partitioned
    assert [p.month for p in made.parts][-1] is None, "the rest comes last"
    assert len(made.parts) == 5, "this month, three ahead, the rest"
    assert _not_as_declared(empty) == []
    again = make_by_month(empty)
    assert (again.made, again.transactions, again.parts) == ([], [], made.parts)


def test_what_has_states_is_not_laid_out_by_init(plain: str) -> None:
    with pytest.raises(UsageError, match="has states already"):
        make_by_month(plain)
    assert not months(plain).partitioned


def test_a_load_writes_into_months_and_the_rest_is_moved_there(empty: str, corpus: Path, tmp_path: Path) -> None:
    """A month that is made when its states are there already, as when nobody made it in time."""
    open_writer(empty).close()
    keep(empty, "month", now=RAN.after(1).first_ts)
    other = f"sqlite:///{tmp_path}/other.db"
    for url in (empty, other):
        pipeline.load([corpus / name for name in RUNS], url)
    written = _numbered(empty)
    assert _rows_of(empty)["jobstate_default"] == len(written) > 100
    kept = keep(empty)
    assert (kept.made, kept.moved_rows) == ([RAN.name], len(written))
    assert _rows_of(empty)[RAN.table] == len(written)
    assert _numbered(empty) == written, "with the numbers that live streams go on from"
    assert not differences(all_tables(other), all_tables(empty))
    assert keep(empty).transactions == []
    assert _not_as_declared(empty) == []


def test_there_and_back_gives_the_same_tables_and_rows(plain: str) -> None:
    rows, shape, numbered = all_tables(plain), _shape(plain), _numbered(plain)
    _run(plain, "SELECT setval(pg_get_serial_sequence('jobstate', 'row_id'), 100000)")
    laid = keep(plain, "month")
    assert (laid.laid, laid.partitioned) == ("month", True)
    assert laid.made == ["2026-09", "2026-10", "2026-11", "2026-12", "2027-01"]
    assert laid.moved_rows == len(numbered) - 1
    assert _rows_of(plain)["jobstate_default"] == 1, "what has no time of a run stays with the rest"
    assert min(_rows_of(plain)[Month(2026, n).table] for n in (9, 10, 11)) > 10
    assert (all_tables(plain), _numbered(plain)) == (rows, numbered)
    assert _not_as_declared(plain) == []
    _written_on(plain, 100_001)
    back = keep(plain, "none")
    assert (back.laid, back.partitioned, back.parts) == ("none", False, [])
    assert (all_tables(plain), _numbered(plain), _shape(plain)) == (rows, numbered, shape)
    assert _not_as_declared(plain) == []
    _written_on(plain, 100_002)
    assert keep(plain, "none").transactions == []


def _written_on(url: str, number: int) -> None:
    """The next state gets that number."""
    with closing(open_writer(url)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO jobstate(job_instance_id, state, timestamp, jobstate_submit_seq) "
                           "VALUES (1, 'NEW', 1, 1)")  # fmt: skip
        assert connection.execute("SELECT rowid FROM jobstate WHERE state = 'NEW'").fetchone() == (number,)
        connection.execute("DELETE FROM jobstate WHERE state = 'NEW'")
        connection.execute("COMMIT")


@pytest.mark.parametrize("way", ["month", "none"])
def test_a_dry_run_says_what_is_done_then_and_does_nothing(plain: str, way: Way) -> None:
    if way == "none":
        keep(plain, "month")
    before = _shape(plain)
    told = keep(plain, way, dry_run=True, drop_empty=way == "month")
    assert (told.done, _shape(plain)) == (False, before)
    done = keep(plain, way, drop_empty=way == "month")
    assert (told.transactions, told.made, told.moved_rows) == (done.transactions, done.made, done.moved_rows)


def test_what_a_dry_run_says_can_be_run_by_hand(plain: str) -> None:
    rows = all_tables(plain)
    for statements in keep(plain, "month", dry_run=True).transactions:
        _run(plain, *statements)
    assert all_tables(plain) == rows
    assert keep(plain).transactions == []
    assert _not_as_declared(plain) == []


def test_loaders_go_on_meanwhile_and_nothing_is_lost(plain: str, corpus: Path, tmp_path: Path) -> None:
    """One writes states of three months, while the table is laid out, months are made, and all is one table again."""
    over = threading.Event()
    written: list[int] = []
    faults: list[BaseException] = []

    def write() -> None:
        try:
            with closing(open_writer(plain)) as connection:
                while not over.is_set():
                    first = len(written) + 10_000
                    rows = [(n, "LATER", RAN.after(-(n % 3)).first_ts + n, n, None) for n in range(first, first + 300)]
                    connection.execute("BEGIN IMMEDIATE")
                    connection.executemany(
                        "INSERT OR IGNORE INTO jobstate(job_instance_id, state, timestamp, jobstate_submit_seq, "
                        "reason) VALUES (?, ?, ?, ?, ?)", rows,
                    )  # fmt: skip
                    connection.execute("COMMIT")
                    written.extend(range(first, first + 300))
        except BaseException as e:
            faults.append(e)
            raise

    writer = threading.Thread(target=write)
    writer.start()
    try:
        keep(plain, "month", ahead=0)
        for month in (RAN, RAN.after(-1)):
            _run(plain, f"BEGIN; UPDATE stampede_meta SET value = value WHERE key = 'turn'; "
                        f"CREATE TEMP TABLE t AS SELECT * FROM {month.table}; DROP TABLE {month.table}; "
                        "INSERT INTO jobstate SELECT * FROM t; COMMIT")  # fmt: skip
        assert keep(plain, ahead=0).made == [RAN.after(-1).name, RAN.name]
        keep(plain, "none")
    finally:
        over.set()
        writer.join()
    assert faults == []
    assert len(written) > 300
    there = _run(plain, "SELECT job_instance_id FROM jobstate WHERE state = 'LATER' ORDER BY 1")
    assert [key for (key,) in there] == written
    assert _not_as_declared(plain) == []


def test_several_at_once_do_it_once(plain: str) -> None:
    rows = all_tables(plain)
    done: list[Partitioned] = []
    threads = [threading.Thread(target=lambda: done.append(keep(plain, "month"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 3
    assert sorted(name for one in done for name in one.made) == [p.month for p in months(plain).parts if p.month]
    assert sum(one.moved_rows for one in done) == len(rows["jobstate"]) - 1
    assert all_tables(plain) == rows


def test_who_reads_sees_all_rows_and_is_waited_for(plain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot from before goes on; one that has looked at states holds the change up, but not those who come."""
    monkeypatch.setattr(work, "_PATIENCE_S", 0.0)
    monkeypatch.setattr(work, "_LOCK_S", 1)
    many = len(_numbered(plain))
    with open_database(plain) as early, open_database(plain) as looking:
        with early.snapshot():
            early.one("SELECT count(*) FROM job")
            keep(plain, "month")
            assert early.one("SELECT count(*) FROM jobstate") == (many,)
            with pytest.raises(DatabaseError, match="may be, by 1 other"):
                keep(plain, "none")
        with looking.snapshot():
            looking.one("SELECT count(*) FROM jobstate")
            with pytest.raises(DatabaseError, match="Others do not let go of it"):
                keep(plain, ahead=3)
            assert looking.one("SELECT count(*) FROM jobstate") == (many,)
    assert keep(plain, ahead=3).made == ["2027-02"]


def test_empty_months_of_before_are_dropped_and_others_are_not(by_month: str) -> None:
    later = RAN.after(2).first_ts + DAY
    first = keep(by_month, now=later, drop_empty=True)
    assert first.dropped == ["2026-12"], "the one with states stays"
    with closing(open_writer(by_month)) as connection:
        connection.execute("DELETE FROM jobstate")
    told = keep(by_month, now=later, drop_empty=True, dry_run=True)
    assert months(by_month).parts[0].month == told.dropped[0] == RAN.name
    assert keep(by_month, now=later, drop_empty=True).dropped == told.dropped
    assert [p.month for p in months(by_month).parts] == ["2027-01", "2027-02", "2027-03", None]


def test_a_layout_of_others_is_left_alone(plain: str) -> None:
    for made, name in (
        ("CREATE VIEW ours AS SELECT * FROM jobstate", "the view ours"),
        ("CREATE INDEX own_idx ON jobstate (state)", "the index own_idx"),
        ("GRANT SELECT (state) ON jobstate TO PUBLIC", "rights on the column state"),
    ):
        _run(plain, made)
        with pytest.raises(DatabaseError, match=name):
            keep(plain, "month")
    with pytest.raises(UsageError, match="not laid out by months"):
        keep(plain)
    _run(plain, "DROP VIEW ours", "DROP TABLE jobstate",
         "CREATE TABLE jobstate (state text, row_id bigint) PARTITION BY LIST (state)")  # fmt: skip
    for way in (None, "none"):
        with pytest.raises(UsageError, match=r"partitioned by LIST \(state\), as others chose"):
            keep(plain, cast(Any, way))


def test_parts_that_others_made_stand_for_their_months(by_month: str) -> None:
    _run(by_month, f"CREATE TABLE wide PARTITION OF jobstate FOR VALUES FROM ({RAN.after(3).first_ts}) TO (MAXVALUE)")
    assert keep(by_month, ahead=6).made == []
    assert [(p.table, p.month) for p in months(by_month).parts][-2:] == [("wide", None), ("jobstate_default", None)]


def test_a_missing_rest_is_told_and_made_again(by_month: str) -> None:
    _run(by_month, "DROP TABLE jobstate_default")
    (said,) = _not_as_declared(by_month)
    assert "no partition for the rest" in said
    keep(by_month)
    assert _not_as_declared(by_month) == []


def test_rights_and_owner_stay(plain: str) -> None:
    """Also when another than the owner asks for it, who may act as the owner."""
    server = SERVICES.postgresql()
    owner, reader = (f"{plain.rpartition('/')[2]}_{name}" for name in ("owner", "reader"))
    for name in (owner, reader):
        administer("postgresql", server, f"CREATE ROLE {name}")
    try:
        _run(
            plain, f"GRANT CREATE ON SCHEMA public TO {owner}", f"ALTER TABLE jobstate OWNER TO {owner}",
            f"GRANT SELECT ON jobstate TO {reader}", f"GRANT USAGE ON SEQUENCE jobstate_row_id_seq TO {reader}",
        )  # fmt: skip
        for way in ("month", "none"):
            keep(plain, cast(Way, way))
            assert _run(
                plain, f"SELECT has_table_privilege('{reader}', 'jobstate', 'SELECT'), "
                f"has_sequence_privilege('{reader}', 'jobstate_row_id_seq', 'USAGE'), "
                f"has_table_privilege('{reader}', 'jobstate', 'DELETE')",
            ) == [(1, 1, 0)]  # fmt: skip
            owners = _run(plain, "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class WHERE relname ~ '^jobstate'")
            assert owners == [(owner,)]
    finally:
        _run(plain, f"DROP OWNED BY {reader}", f"REASSIGN OWNED BY {owner} TO CURRENT_USER", f"DROP OWNED BY {owner}")
        for name in (owner, reader):
            administer("postgresql", server, f"DROP ROLE {name}")


def test_revisions_go_down_and_up(by_month: str) -> None:
    rows = all_tables(by_month)
    downgrade(by_month, 1, lose=True)
    assert _run(by_month, "SELECT count(*) FROM pg_attribute WHERE attrelid = 'jobstate'::regclass "
                          "AND attname = 'row_id'") == [(0,)]  # fmt: skip
    with pytest.raises(UsageError, match="First: stampede db upgrade"):
        keep(by_month, "none")
    upgrade(by_month)
    assert _not_as_declared(by_month) == []
    Loader(by_month).close()
    assert len(all_tables(by_month)["jobstate"]) == len(rows["jobstate"])
    numbers = [number for number, *_ in _numbered(by_month)]
    assert numbers == list(range(1, len(numbers) + 1))
    _written_on(by_month, len(numbers) + 1)
    keep(by_month, "none")
    assert _not_as_declared(by_month) == []


def test_room_is_told_of_all_parts_together_and_given_back(by_month: str) -> None:
    answer = retention.retain([by_month], before_ts=4e9, label="failing", smaller=True)
    assert (answer.count("deleted"), answer.troubles) == (1, {})
    assert compact(by_month) >= 0
    with open_database(by_month) as reader, reader.snapshot():
        health = check(reader)
        assert health.ok, health
        tables = {t.name: t for t in usage(reader).tables}
    assert not [name for name in tables if name.startswith("jobstate_")]
    parts = months(by_month).parts
    assert tables["jobstate"].size_bytes == sum(p.size_bytes for p in parts)
    assert tables["jobstate"].index_bytes == sum(p.index_bytes for p in parts)


def test_the_server_looks_at_the_table_no_oftener_than_at_a_plain_one(by_month: str) -> None:
    with closing(cast(ServerConnection, open_existing(by_month))) as connection:
        connection.alone("ANALYZE jobstate")
        assert connection.known()["jobstate"] == len(_numbered(by_month))


def test_other_databases_have_no_months(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path}/a.db", "mysql+pymysql://nobody@127.0.0.1:1/none"):
        for asked in (make_by_month, partition, months):
            with pytest.raises(UsageError, match="only PostgreSQL keeps states by months"):
                asked(url)
    assert list(tmp_path.iterdir()) == []
