"""All rows of a database, comparable with those of another: keys that each database gives out by itself are replaced
by what they stand for."""

from __future__ import annotations

import math
from typing import Any

from stampede.query import open_database
from stampede.store.schema import metadata
from stampede.store.server.shapes import number_of

#: keys that the loader gives out, the same in every database
_OURS = frozenset({"workflow", "job", "job_instance", "host"})
#: what differs from one load to the next
_MOMENTS = frozenset({"created_ts", "turn", "version_timestamp", "taken_ts", "db_url"})
Row = tuple[Any, ...]


def all_tables(url: str) -> dict[str, list[Row]]:
    """The rows of each table, sorted."""
    with open_database(url) as reader, reader.snapshot():
        tasks = {t: (wf, name) for t, wf, name in reader.rows("SELECT task_id, wf_id, abs_task_id FROM task")}
        files = dict(reader.rows("SELECT lfn_id, lfn FROM rc_lfn"))
        found = {}
        for table in metadata.sorted_tables:
            own = number_of(table.name)
            skipped = {own} if own and table.name not in _OURS and len(table.primary_key.columns) == 1 else set()
            skipped -= {"wf_id", "job_instance_id", "block"}
            names = [c.name for c in table.columns if c.name not in skipped and c.name not in _MOMENTS]
            listed = ", ".join(f'"{name}"' for name in names)
            rows = [
                tuple(_meant(n, v, tasks, files) for n, v in zip(names, row, strict=True))
                for row in reader.rows(f"SELECT {listed} FROM {table.name}")
            ]
            found[table.name] = sorted((r for r in rows if not _MOMENTS.intersection(map(str, r))), key=repr)
        return found


def _meant(name: str, value: Any, tasks: dict[int, Any], files: dict[int, str]) -> Any:
    if name == "task_id":
        return tasks.get(value)
    if name == "lfn_id":
        return files.get(value)
    return value


def differences(one: dict[str, list[Row]], other: dict[str, list[Row]]) -> list[str]:
    """What differs, table by table; fractions may differ in their last digits, by the order they were added up in."""
    found = []
    for table, rows in one.items():
        others = other[table]
        if len(rows) != len(others):
            found.append(f"{table}: {len(rows)} rows and {len(others)}")
        found += [
            f"{table}: {[(x, y) for x, y in zip(a, b, strict=True) if not same(x, y)]} in {a[:4]}"
            for a, b in zip(rows, others, strict=False)
            if not all(same(x, y) for x, y in zip(a, b, strict=True))
        ][:3]
    return found


def same(one: Any, other: Any) -> bool:
    """Whether two answers say the same."""
    if isinstance(one, float) or isinstance(other, float):
        if not isinstance(one, (int, float)) or not isinstance(other, (int, float)):
            return False
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-6)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    return bool(one == other)
