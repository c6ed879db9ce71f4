"""FlowBench's files (Papadimitriou et al., arXiv 2306.09930): one row a node, runs one after the other in time.

Times but ``ready`` are seconds after ``ready``. The label is that of the host in that run: nobody looked at the job.
"""

from __future__ import annotations

import csv
import lzma
from collections.abc import Iterator
from pathlib import Path

import msgspec

from stampede.analysis.anomaly.observation import Observation, neighbourhood

#: the label of what was left alone
NORMAL = "None"


class Node(msgspec.Struct, gc=False):
    """What the detector is told of a node, and, for the figures only, what was done to its host."""

    seen: Observation
    label: str
    #: on a machine of which another host had its disk throttled: slow as well, but labelled normal
    collateral: bool = False

    @property
    def disk(self) -> bool:
        """Its host's disk was throttled."""
        return self.label.startswith("hdd")

    @property
    def bad(self) -> bool:
        """Its host was throttled."""
        return self.label != NORMAL


def workflows(folder: Path) -> list[Path]:
    """The files of a folder, one a workflow."""
    return sorted(folder.glob("*.csv.xz"))


def nodes(path: Path) -> list[Node]:
    """All nodes of a workflow as they lie in the file: run after run, in a run in the order in which they ended.

    Raises ValueError when a column is missing or holds no number.
    """
    with lzma.open(path, "rt", encoding="utf-8", newline="") as file:
        found = list(_rows(csv.DictReader(file)))
    throttled = {(n.seen.run, neighbourhood(n.seen.host)) for n in found if n.disk}
    for node in found:
        node.collateral = not node.bad and (node.seen.run, neighbourhood(node.seen.host)) in throttled
    return found


def _rows(rows: csv.DictReader[str]) -> Iterator[Node]:
    for row in rows:
        try:
            yield Node(_seen(row), row["anomaly_type"])
        except KeyError as e:
            raise ValueError(f"there is no column {e}") from e


def _seen(row: dict[str, str]) -> Observation:
    runtime = _number(row["runtime"])
    moved_in, moved_out = _number(row["stage_in_delay"]), _number(row["stage_out_delay"])
    return Observation(
        run=row["run"],
        job=row["node"],
        transformation=row["transformation"],
        host=row["kickstart_hostname"],
        ended_ts=(_number(row["ready"]) or 0.0) + (_number(row["execute_end"]) or 0.0),
        duration_s=runtime,
        work_s=None if runtime is None else runtime - (moved_in or 0.0) - (moved_out or 0.0),
        staging_s=moved_in,
        cpu_s=_number(row["kickstart_executables_cpu_time"]),
        auxiliary=row["type"] != "compute",
        failed=(_number(row["kickstart_executables_exitcode"]) or 0.0) != 0.0,
    )


def _number(text: str | None) -> float | None:
    return float(text) if text else None
