"""``questions``: the same ten questions to SQLite, PostgreSQL, MariaDB and DuckDB over Parquet."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import zip_longest
from typing import Any

from bench import workload
from bench.archive.questions import QUESTIONS
from bench.measure import workspace
from bench.measured import Measured
from stampede.archive import Folder, archive, ask, restore
from stampede.errors import TimeUpError
from stampede.query import open_database
from stampede.query.workflows import list_workflows
from tests.servers import SERVERS, database

Figures = dict[str, Any]
Row = tuple[Any, ...]
#: jobs of one workflow, at most
_PART = 100_000
#: bytes of a database and its archive per job, rounded up
_BYTES_PER_JOB = 8_000
#: what DuckDB may take: two of the questions take more than 2 GB of a million jobs
_MEMORY_MB = 8192
#: a question that takes longer is not asked again
_LONG_S = 5.0


def questions(stampede: workload.Stampede, jobs: int, runs: int) -> Measured:
    """Seconds and bytes of each; all answers have to be equal."""
    with workspace(jobs * _BYTES_PER_JOB) as folder, ExitStack() as stack:
        db = folder / "one.db"
        _load(stampede, jobs, f"sqlite:///{db}")
        kept = Folder(folder / "archive")
        with open_database(f"sqlite:///{db}") as reader, reader.snapshot():
            roots = sorted(list_workflows(reader), key=lambda root: root.wf_id)
            made = [archive(reader, root, kept, events=False).manifest for root in roots]
        _say(f"archived {len(made)} workflows")
        figures: Figures = {
            "jobs": jobs, "rows": sum(p.rows for m in made for p in m.tables.values()),
            "bytes": {"sqlite": db.stat().st_size, "parquet": sum(m.size_bytes for m in made)}, "seconds": {},
        }  # fmt: skip
        asked: dict[str, Callable[[str], list[Row]]] = {
            "sqlite": stack.enter_context(_reader(f"sqlite:///{db}")),
            "parquet": lambda sql: ask(kept, sql, memory_mb=_MEMORY_MB, seconds=600).rows,
        }
        for server in SERVERS:
            url = stack.enter_context(database(server))
            for number, manifest in enumerate(made, 1):
                restore(kept, manifest, url)
                _say(f"restored {number} of {len(made)} into {server}")
            figures["bytes"][server] = _size(server, url)
            asked[server] = stack.enter_context(_reader(url))
        unequal = [q.name for q in QUESTIONS if not _one(q.name, q.sql, asked, runs, figures["seconds"])]
    total = {name: round(sum(t[name] or 0 for t in figures["seconds"].values()), 2) for name in asked}
    figures |= {"total_s": total, "unequal": unequal}
    sentence = f"ten questions at {jobs} jobs: " + ", ".join(
        f"{name} {total[name]} s and {figures['bytes'][name] / 1e6:.0f} MB" for name in asked
    )
    return Measured(sentence, "all answers equal, Parquet smaller than a quarter of SQLite",
                    not unequal and figures["bytes"]["parquet"] * 4 < figures["bytes"]["sqlite"], figures)  # fmt: skip


def _load(stampede: workload.Stampede, jobs: int, url: str) -> None:
    """As many jobs, in workflows that each leave no more files than can be made and deleted in minutes."""
    for seed, first in enumerate(range(0, jobs, _PART), 1):
        part = min(_PART, jobs - first)
        with workspace(part * workload.BYTES_PER_JOB) as folder:
            stampede.run("load", workload.submit_dir(folder / "wf", part, seed), "--db", url)
        _say(f"loaded {first + part} of {jobs} jobs")


def _say(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)


def _one(name: str, sql: str, asked: dict[str, Callable[[str], list[Row]]], runs: int, told: Figures) -> bool:
    """Ask all of them one question; whether those answered the same that did."""
    told[name], answers = {}, {}
    for where, question in asked.items():
        times: list[float] = []
        try:
            while len(times) < runs and (not times or times[0] < _LONG_S):
                began = time.perf_counter()
                answers[where] = question(sql)
                times.append(time.perf_counter() - began)
        except TimeUpError as e:
            _say(f"{name}: {where}: {e}")
        told[name][where] = round(statistics.median(times), 4) if times else None
    _say(f"{name}: {told[name]}")
    first = _plain(next(iter(answers.values())))
    for where, rows in answers.items():
        other = [pair for pair in zip_longest(first, _plain(rows)) if pair[0] != pair[1]]
        if other:
            _say(f"{name}: sqlite says {other[0][0]}, {where} {other[0][1]}")
            return False
    return True


def _plain(rows: list[Row]) -> list[tuple[str, ...]]:
    """Rows in an order of their own; fractions to six digits, for sums differ by the order they are made in."""
    return sorted(tuple("" if v is None else v if isinstance(v, str) else f"{float(v):.6g}" for v in r) for r in rows)


@contextmanager
def _reader(url: str) -> Iterator[Callable[[str], list[Row]]]:
    with open_database(url) as reader:
        yield reader.rows


def _size(server: str, url: str) -> int:
    """Bytes of a database, by what its server says."""
    name = url.rpartition("/")[2]
    sql = (
        f"SELECT pg_database_size('{name}')" if server == "postgresql" else
        f"SELECT sum(data_length + index_length) FROM information_schema.tables WHERE table_schema = '{name}'"
    )  # fmt: skip
    if server == "postgresql":
        import psycopg

        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            row: Any = connection.execute(sql).fetchone()
            return int(row[0])
    import pymysql

    user, _, place = url.rpartition("/")[0].partition("://")[2].rpartition("@")
    host, _, port = place.partition(":")
    with pymysql.connect(host=host, port=int(port), user=user) as other, other.cursor() as cursor:
        cursor.execute(sql)
        row = cursor.fetchone()
        return int(row[0])
