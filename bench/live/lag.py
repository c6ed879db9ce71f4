"""How long after its line was written each row was seen: the records of writer and reader put together.

The end of a job with a POST script is in the database when that script has ended, since the script moves the job's
output files (Pegasus' monitor does the same). So its row counts from the line that tells of the script's end; how old
its own line was by then is told apart (``job_end_own_line``).
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from bench.live import lines as text

Figures = dict[str, Any]


class Lags(msgspec.Struct):
    """All lags: (written at, seconds until seen), -1 of what was never seen. ``strange`` rows were never written."""

    lags: list[tuple[float, float]]
    by_state: dict[str, list[tuple[float, float]]]
    own_line: list[float]
    written: int
    lost: int
    doubled: int
    strange: int
    answers_s: list[float]
    longest_look_s: float
    troubles: list[str]

    def backlog(self, moment: float) -> int:
        """How many states had been written by a moment and not seen."""
        return sum(1 for at, lag in self.lags if at <= moment and (lag < 0 or at + lag > moment))

    def figures(self, start: float, end: float) -> Figures:
        """Percentiles of what was written in a span, and whether every row is there once."""
        found = _between(self.lags, start, end)
        return {
            "states": len(found), **percentiles(found), "by_state_p95_s": {
                name: round(quantile(_between(lags, start, end), 0.95), 3) for name, lags in self.by_state.items()
            },
            "job_end_own_line_p50_s": round(quantile(sorted(self.own_line), 0.5), 3) if self.own_line else None,
            "backlog_at_end": self.backlog(end), "written": self.written, "lost": self.lost, "doubled": self.doubled,
            "strange": self.strange, "summary_query": percentiles(sorted(self.answers_s)),
            "longest_look_s": round(self.longest_look_s, 3), "reader_troubles": self.troubles[:3],
        }  # fmt: skip


def _between(lags: list[tuple[float, float]], start: float, end: float) -> list[float]:
    return sorted(lag for at, lag in lags if start <= at <= end and lag >= 0)


def quantile(found: Sequence[float], share: float) -> float:
    """Of sorted values; 0 when there are none."""
    return found[min(len(found) - 1, int(share * len(found)))] if found else 0.0


def percentiles(found: Sequence[float]) -> Figures:
    """The usual ones, in seconds."""
    return {
        "p50_s": round(quantile(found, 0.5), 4), "p95_s": round(quantile(found, 0.95), 4),
        "p99_s": round(quantile(found, 0.99), 4), "max_s": round(found[-1], 4) if found else 0.0,
    }  # fmt: skip


_ENDS = (text.SUCCESS, text.FAILURE)


def lags(writer: Path, reader: Path, *, scripts: bool) -> Lags:
    """Put the two records together. ``scripts``: the jobs have POST scripts."""
    workflows, workflow, seqs, states, times = pickle.loads(writer.read_bytes())
    tries, instances, seen_states, seen_times, answers, longest, troubles = pickle.loads(reader.read_bytes())
    numbers = {folder: number for number, folder in enumerate(workflows)}
    known = {instance: (numbers.get(folder, -1), seq) for instance, folder, seq in tries}
    seen: dict[tuple[int, int, int], float] = {}
    doubled = strange = 0
    for instance, state, at in zip(instances, seen_states, seen_times, strict=True):
        which, seq = known.get(instance, (-1, 0))
        key = (which, seq, state)
        doubled += key in seen
        seen.setdefault(key, at)
    written: dict[tuple[int, int, int], float] = {}
    for which, seq, state, at in zip(workflow, seqs, states, times, strict=True):
        written[which, seq, state] = at
    strange = sum(1 for key in seen if key not in written)
    out: list[tuple[float, float]] = []
    by_state: dict[str, list[tuple[float, float]]] = {}
    own: list[float] = []
    lost = 0
    for (which, seq, state), own_at in written.items():
        at = own_at
        if scripts and state in _ENDS:
            end = text.POST_SUCCESS if state == text.SUCCESS else text.POST_FAILED
            later = written.get((which, seq, end))
            if later is None:
                continue  # its POST script still runs
            at = later
        when = seen.get((which, seq, state))
        if when is None:
            lost += 1
            out.append((at, -1.0))
            continue
        if at != own_at:
            own.append(when - own_at)
        out.append((at, when - at))
        by_state.setdefault(text.STATES[state], []).append(out[-1])
    return Lags(out, by_state, own, len(out), lost, doubled, strange, list(answers), longest, troubles)
