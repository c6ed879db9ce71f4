"""Tries that ended and tries that failed, over time and by transformation; and how those that failed ended."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from stampede.model.exits import from_raw
from stampede.query.columns.charts.kinds import OTHERS, TRANSFORMATION
from stampede.query.columns.frame import Frame
from stampede.query.pictures.tries import source_of
from stampede.query.pictures.window import Window
from stampede.query.workflows import Workflow
from stampede.store.reader import Reader

#: transformations with a name of their own: those of which most tries failed
MOST_KINDS: Final = 12
#: kinds of exits that are told
MOST_EXITS: Final = 12

# what lies in the window; a node that runs a sub-workflow fails because something in it did, which counts there
_IN_WINDOW: Final = """
FROM {source} WHERE j.wf_id IN ({ids}) AND j.node_type NOT IN ('service', 'subdag') AND i.subwf_id IS NULL
AND i.outcome IS NOT NULL AND i.state_ts BETWEEN :start AND :end"""
_ENDED: Final = f"""
SELECT {TRANSFORMATION}, min(CAST((i.state_ts - :start) * :scale AS INTEGER), :bins - 1) AS bin, count(*),
       sum(i.outcome = 'failed')
{_IN_WINDOW} GROUP BY 1, 2"""
_EXITS: Final = f"""
SELECT coalesce(i.main_exitcode, i.exitcode), count(*) {_IN_WINDOW} AND i.outcome = 'failed' GROUP BY 1"""


def failures(reader: Reader, workflows: Sequence[Workflow], window: Window, *, width: int = 1200) -> Frame:
    """The tries that ended in the window. ``width`` is that of the picture in pixels.

    Table ``bins``, a row for each transformation and bin in which something ended: ``kind`` (counts into facts
    ``kinds``), ``bin`` (of facts ``bins``), ``ended``, ``failed`` (of these). Table ``kinds``: ``ended`` and ``failed``
    of each. Table ``exits``: ``exit`` in words (``exit code 1``), ``failed``.
    """
    ids = ", ".join(str(w.wf_id) for w in workflows)
    bins = max(20, min(width // 8, 200))
    source = source_of(reader, ids)
    asked = {"start": window.start_ts, "end": window.end_ts, "scale": bins / window.duration_s, "bins": bins}
    cells = _Cells()
    for kind, bin_, ended, failed in reader.rows(_ENDED.format(source=source, ids=ids), asked):
        cells.add(kind, bin_, ended, failed)
    bounds = {"start": window.start_ts, "end": window.end_ts}
    exits = _exits(reader.rows(_EXITS.format(source=source, ids=ids), bounds))
    names, tables = cells.tables()
    facts = {"start_ts": window.start_ts, "end_ts": window.end_ts, "now_ts": window.now_ts, "bins": bins,
             "kinds": names}  # fmt: skip
    return Frame(kind="failures", level="bins", facts=facts, tables={**tables, "exits": exits})


class _Cells:
    """What ended in each bin, by transformation."""

    def __init__(self) -> None:
        self._cells: dict[str, dict[int, tuple[int, int]]] = {}

    def add(self, kind: str, bin_: int, ended: int, failed: int) -> None:
        self._cells.setdefault(kind, {})[bin_] = (ended, failed)

    def tables(self) -> tuple[list[str], dict[str, Any]]:
        """The names of the transformations, and the tables; those beyond ``MOST_KINDS`` are one."""
        sums = {kind: _sum(cells) for kind, cells in self._cells.items()}
        ranked = sorted(sums, key=lambda kind: (-sums[kind][1], -sums[kind][0], kind))
        kept, left = ranked[:MOST_KINDS], ranked[MOST_KINDS:]
        made = [self._cells[kind] for kind in kept]
        if left:
            rest: dict[int, tuple[int, int]] = {}
            for kind in left:
                for bin_, (ended, failed) in self._cells[kind].items():
                    before = rest.get(bin_, (0, 0))
                    rest[bin_] = (before[0] + ended, before[1] + failed)
            kept, made = [*kept, OTHERS], [*made, rest]
        rows = [(n, bin_, *cells[bin_]) for n, cells in enumerate(made) for bin_ in sorted(cells)]
        totals = [_sum(cells) for cells in made]
        columns = zip(*rows, strict=True) if rows else [()] * 4
        table = {name: array("I", values) for name, values in zip(("kind", "bin", "ended", "failed"), columns)}  # noqa: B905
        kinds = {"ended": array("I", [t[0] for t in totals]), "failed": array("I", [t[1] for t in totals])}
        return kept, {"bins": table, "kinds": kinds}


def _sum(cells: dict[int, tuple[int, int]]) -> tuple[int, int]:
    return sum(c[0] for c in cells.values()), sum(c[1] for c in cells.values())


def _exits(rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    exits: Counter[str] = Counter()
    for raw, times in rows:
        # a script failed, or the program's exit is not known
        exits["no exit of the program" if raw in (None, 0) else str(from_raw(raw))] += times
    most = exits.most_common(MOST_EXITS)
    return {"exit": [name for name, _ in most], "failed": array("I", [times for _, times in most])}
