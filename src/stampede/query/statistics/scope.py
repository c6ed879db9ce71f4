"""Which workflows are added up, and where their sums are.

Blocks of jobs that the loader sealed have their sums in ``statistics_*``. The others (being written to, made by an
older release, or as they stood in the past) are added up here by the same statements, into temporary tables. The views
``temp.added_*`` lie over both and hold the workflows that are wanted only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import msgspec

from stampede.query.workflows import Workflow, forest
from stampede.store import blocks
from stampede.store.folding import ALL, FOLDED
from stampede.store.reader import Reader, Row

_NAMES: Final = tuple(blocks.TABLES)
#: statistics_try -> added_try
_PREFIX: Final = "statistics_"


class Scope(msgspec.Struct, frozen=True):
    """The workflows that are added up, roots first; the keys of the roots among them; how many blocks had no sums."""

    reader: Reader
    workflows: list[Workflow]
    roots: frozenset[int]
    missing: int


@contextmanager
def scope(
    reader: Reader, roots: Sequence[Workflow], *, add_up: bool = True, each: bool = False
) -> Iterator[Scope]:  # fmt: skip
    """Inside, the sums of these workflows and of all below them can be asked for; without ``add_up`` only their tries.
    With ``each`` those of every workflow apart, else of all together.
    """
    found = {w.wf_id: w for root in roots for w in forest(reader, root)}
    kept = _is_kept(reader)
    columns = {name: _columns(name) for name in _NAMES}
    reader.scratch("CREATE TEMP TABLE wanted(wf_id INTEGER PRIMARY KEY)")
    reader.scratch("CREATE TEMP TABLE kept(block INTEGER, wf_id INTEGER, PRIMARY KEY (block, wf_id)) WITHOUT ROWID")
    for name in _NAMES:
        reader.scratch(f"CREATE TEMP TABLE fresh_{name}({', '.join(columns[name])})")
    try:
        reader.scratch("INSERT INTO temp.wanted VALUES (?)", [(wf_id,) for wf_id in found])
        missing = unsealed(reader) if add_up else []
        _add_up(reader, missing, only=msgspec.json.encode(list(found)).decode())
        for name in _NAMES:
            _look_over(reader, name, columns[name], kept=kept)
        if kept:
            _choose_rows(reader, frozenset() if each else found.keys(), found.keys())
        yield Scope(reader, list(found.values()), frozenset(w.wf_id for w in roots), len(missing))
    finally:
        for name in _NAMES:
            reader.scratch(f"DROP VIEW IF EXISTS temp.{_view(name)}")
            reader.scratch(f"DROP TABLE temp.fresh_{name}")
        reader.scratch("DROP TABLE temp.kept")
        reader.scratch("DROP TABLE temp.wanted")


def _choose_rows(reader: Reader, together: Collection[int], wanted: Collection[int]) -> None:
    """Note which kept rows to read: of a block with only workflows of ``together`` those of all, else those of each."""
    chosen: list[Row] = []
    for block, workflows in reader.rows("SELECT block, workflows FROM main.statistics_block"):
        own = msgspec.json.decode(workflows, type=list[int])
        if len(own) > 1 and all(wf_id in together for wf_id in own):
            chosen.append((block, ALL))
        else:
            chosen += [(block, wf_id) for wf_id in own if wf_id in wanted]
    reader.scratch("INSERT INTO temp.kept VALUES (?, ?)", chosen)


def _view(name: str) -> str:
    return "added_" + name.removeprefix(_PREFIX)


def _columns(name: str) -> list[str]:
    return ["block", *blocks.COLUMNS[name]]


def _is_kept(reader: Reader) -> bool:
    """Whether the kept sums are those of what is asked: not in a database without them, nor in the past."""
    return not reader.is_view("job_instance") and bool(reader.columns("statistics_block"))


def unsealed(reader: Reader) -> list[int]:
    """The blocks that have no sums that are kept."""
    last = (reader.one("SELECT max(job_id) FROM job") or (None,))[0]
    if last is None:
        return []
    sealed = {r[0] for r in reader.rows("SELECT block FROM main.statistics_block")} if _is_kept(reader) else set()
    return [block for block in range((last >> blocks.SHIFT) + 1) if block not in sealed]


def _add_up(reader: Reader, missing: list[int], *, only: str) -> None:
    ask = asking(reader)
    if missing:
        blocks.prepare(ask)
    for block in missing:
        for name, rows in blocks.counted(ask, block, only=only):
            if rows:
                reader.scratch(f"INSERT INTO temp.fresh_{name} VALUES ({', '.join('?' * len(rows[0]))})", rows)


def asking(reader: Reader) -> blocks.Ask:
    """How ``store.blocks`` asks this reader."""

    def ask(sql: str, parameters: dict[str, Any]) -> list[Row]:
        return reader.rows(sql, parameters)

    return ask


def _look_over(reader: Reader, name: str, columns: list[str], *, kept: bool) -> None:
    parts = [f"SELECT {', '.join(columns)} FROM temp.fresh_{name}"]
    if kept:
        chosen = ", ".join(f"t.{column}" for column in columns)
        if name in FOLDED:
            source = f"temp.kept k CROSS JOIN main.{name} t ON t.block = k.block AND t.wf_id = k.wf_id"
        else:
            source = (f"main.{name} t WHERE t.block IN (SELECT block FROM main.statistics_block) "
                      "AND t.wf_id IN (SELECT wf_id FROM temp.wanted)")  # fmt: skip
        parts.append(f"SELECT {chosen} FROM {source}")
    reader.scratch(f"CREATE TEMP VIEW {_view(name)} AS {' UNION ALL '.join(parts)}")
