"""Data in the format of failsim, and the protocol over it: only the past is used, and figures come out."""

from __future__ import annotations

import csv
import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bench.forecast.data import cases
from bench.forecast.protocol import figures, replay
from bench.workload import UnavailableError


def write(folder: Path, workflows: int = 40) -> None:
    """Workflows of 20 jobs with one retry, of which some fail."""
    draw = random.Random(5)
    heads = (
        ["wf", "template", "retries", "slots", "njobs", "failed", "fatal_time", "makespan"],
        ["wf", "job", "type", "attempt", "host", "start", "end", "failed", "why"],
    )
    rows: tuple[list[list[object]], list[list[object]]] = ([], [])
    for wf in range(workflows):
        rate, fatal, clock = draw.choice([0.02, 0.3]), None, 0.0
        for job in range(20):
            for attempt in (1, 2):
                failed = draw.random() < rate
                took = draw.uniform(3, 9)
                rows[1].append([wf, f"j{job}", "a" if job % 2 else "b", attempt, draw.randrange(4), clock, clock + took,
                                int(failed), ""])  # fmt: skip
                clock += took
                if not failed:
                    break
                if attempt == 2 and fatal is None:
                    fatal = clock
        rows[0].append([wf, "t", 1, 4, 20, int(fatal is not None), "" if fatal is None else fatal, clock])
    for name, head, body in zip(("workflows", "attempts"), heads, rows, strict=True):
        with open(folder / f"{name}.csv", "w", newline="") as file:
            csv.writer(file).writerows([head, *body])


def test_any_folder_of_the_format_gives_figures_and_doomed_is_exact(tmp_path: Path) -> None:
    write(tmp_path)
    all_ = cases(tmp_path)
    found = replay(all_)
    told = figures(found, range(8, len(all_)))
    assert found.wrongly_doomed == 0
    assert told["at_50"]["workflows"] == 32
    assert told["at_75"]["doomed"] >= told["at_25"]["doomed"] > 0
    assert 0.5 < told["at_75"]["auc"] <= 1.0
    assert 0.0 <= told["alarm"]["before_fatal"] <= 1.0


def test_what_comes_later_changes_nothing_of_what_was_said(tmp_path: Path) -> None:
    write(tmp_path)
    all_ = cases(tmp_path)
    whole, part = replay(all_, alarms=False), replay(all_[:30], alarms=False)
    known = {i for i in part.told[0.5] if i >= 8}
    assert known
    assert all(part.told[s][i] == whole.told[s][i] for s in part.told for i in known)


def test_other_folders_are_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="format of failsim"):
        cases(tmp_path)
