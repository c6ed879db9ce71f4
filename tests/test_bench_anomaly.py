"""The benchmark of the detector counts what it says it counts."""

from __future__ import annotations

import csv
import lzma
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.anomaly.case import anomaly
from bench.anomaly.flowbench import nodes
from bench.anomaly.metrics import average_precision, roc_auc
from bench.workload import UnavailableError

_COLUMNS = (
    "run", "node", "anomaly_type", "type", "kickstart_hostname", "transformation", "ready", "execute_end", "runtime",
    "stage_in_delay", "stage_out_delay", "kickstart_executables_cpu_time", "kickstart_executables_exitcode",
)  # fmt: skip


def test_known_values_of_both_figures() -> None:
    # worked out by hand; scikit-learn 1.9 gives the same (0.75, 0.8333...; with a tie 0.5, 0.5)
    assert roc_auc([0.1, 0.4, 0.35, 0.8], [False, False, True, True]) == 0.75
    assert average_precision([0.1, 0.4, 0.35, 0.8], [False, False, True, True]) == pytest.approx(5 / 6)
    assert roc_auc([1.0, 1.0], [True, False]) == 0.5
    assert average_precision([1.0, 1.0], [True, False]) == 0.5
    assert roc_auc([1.0], [True]) is None
    assert average_precision([1.0], [False]) is None


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=40))
def test_auc_is_the_share_of_pairs_in_order(pairs: list[tuple[int, bool]]) -> None:
    good = [s for s, p in pairs if p]
    bad = [s for s, p in pairs if not p]
    found = roc_auc([float(s) for s, _ in pairs], [p for _, p in pairs])
    if not good or not bad:
        assert found is None
    else:
        wanted = sum((g > b) + (g == b) / 2 for g in good for b in bad) / (len(good) * len(bad))
        assert found == pytest.approx(wanted)


def _write(path: Path, runs: int) -> None:
    with lzma.open(path, "wt", newline="") as file:
        out = csv.writer(file)
        out.writerow(_COLUMNS)
        for run in range(runs):
            for node in range(8):
                bad = run >= 30 and node < 2
                host = f"w1-container-{node % 4}" if node < 4 else f"w2-container-{node % 4}"
                took = 100 + (run * 7 + node * 3) % 5 + (300 if bad and run % 2 else 0)
                out.writerow((f"r{run}", f"n{node}", "hdd_5" if bad and run % 2 else "None", "compute", host, "t",
                              run * 1000, took, took, 10, 5, took * 0.5, 0))  # fmt: skip


def test_any_folder_with_files_of_that_form_is_measured_with_the_shipped_detector(tmp_path: Path) -> None:
    _write(tmp_path / "mine.csv.xz", 60)
    figures = anomaly(tmp_path).figures
    mine = figures["workflows"]["mine"]
    assert mine["nodes"] == 480
    assert mine["hdd"] == 1.0
    assert mine["recall"] == 1.0
    assert mine["false_alarms"] == 0.0
    assert figures["mean"]["auc"] == mine["auc"]


def test_neighbours_of_a_throttled_disk_are_collateral_and_others_are_not(tmp_path: Path) -> None:
    _write(tmp_path / "mine.csv.xz", 32)
    last = [n for n in nodes(tmp_path / "mine.csv.xz") if n.seen.run == "r31"]
    assert [n.disk for n in last] == [True, True, False, False, False, False, False, False]
    assert [n.collateral for n in last] == [False, False, True, True, False, False, False, False]


def test_a_folder_with_nothing_in_it_or_a_broken_file_is_said_to_be_unusable(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match=r"no \*\.csv\.xz"):
        anomaly(tmp_path)
    with lzma.open(tmp_path / "a.csv.xz", "wt") as file:
        file.write("run,node\n1,2\n")
    with pytest.raises(UnavailableError, match="no column"):
        anomaly(tmp_path)
