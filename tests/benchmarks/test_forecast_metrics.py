"""The figures of the bench against values worked out by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bench.forecast.metrics import auc, brier, ece, quantile


def test_auc_counts_pairs_and_half_of_ties() -> None:
    assert auc([True, True, False, False], [0.9, 0.4, 0.6, 0.1]) == 0.75
    assert auc([True, False], [0.5, 0.5]) == 0.5
    assert auc([True, True], [0.5, 0.6]) is None


def test_brier_and_calibration_error() -> None:
    assert brier([True, False], [0.8, 0.4]) == pytest.approx((0.04 + 0.16) / 2)
    assert ece([True, True, False, False], [0.55, 0.55, 0.05, 0.05]) == pytest.approx((2 * 0.45 + 2 * 0.05) / 4)
    assert ece([True] * 2 + [False] * 2, [0.5] * 4) == pytest.approx(0.0)


def test_quantile() -> None:
    assert quantile([3.0, 1.0, 2.0, 4.0], 0.5) == 3.0
    assert quantile([], 0.5) is None
