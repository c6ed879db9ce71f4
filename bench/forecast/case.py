"""``python bench/run.py forecast [--data FOLDER]``: the shipped forecast on workflows that fail or do not."""

from __future__ import annotations

import os
from pathlib import Path

from bench.forecast.data import cases
from bench.forecast.metrics import auc
from bench.forecast.protocol import UNSEEN_FROM, WARM_UP, figures, replay
from bench.forecast.recorded import recorded
from bench.measured import Measured

#: what other methods reached on dev data of this generator at half of the elapsed time (AUC all, undoomed, Brier)
OTHERS = {
    "failure rate so far": (0.854, 0.750, 0.172),
    "k-means states": (0.878, 0.796, 0.110),
    "naive Bayes": (0.887, 0.784, 0.127),
    "regression tree": (0.916, 0.817, 0.074),
    "LightGBM": (0.923, 0.834, 0.070),
    "Beta-Binomial, isotonic": (0.922, 0.830, 0.078),
}


def forecast_case(data: Path | None) -> Measured:
    """Raises UnavailableError when the data is not there."""
    shared = Path(os.environ.get("STAMPEDE_SHARED", Path(__file__).parents[3] / "shared"))
    all_ = cases(data or shared / "data" / "failsim")
    found = replay(all_)
    n = len(all_)
    scored = range(int(WARM_UP * n), n)
    told = figures(found, scored)
    half = told["at_50"]
    reached = (
        half["auc"] is not None and half["auc_undoomed"] is not None and half["auc"] >= 0.93
        and half["auc_undoomed"] >= 0.84 and half["brier"] <= 0.07 and half["ece"] <= 0.02 and not found.wrongly_doomed
    )  # fmt: skip
    tries_auc = auc([failed for failed, _ in found.tries], [p for _, p in found.tries])
    sentence = (
        f"{len(scored)} of {n} workflows, past only, at half of their time: AUC {half['auc']:.3f}, undoomed "
        f"{half['auc_undoomed']:.3f}, Brier {half['brier']:.3f}, ECE {half['ece']:.3f}; failure rate so far: AUC "
        f"{half['reference_auc']:.3f}/{half['reference_auc_undoomed']:.3f}; "
        f"{1000 * found.answer_s / max(found.answers, 1):.1f} ms an answer"
    )
    return Measured(sentence, "AUC >= 0.93 / 0.84, Brier <= 0.07, ECE <= 0.02", reached, {
        **told,
        f"last_{1 - UNSEEN_FROM:.0%}".rstrip("%"): figures(found, range(int(UNSEEN_FROM * n), n)),
        "running_tries_auc": None if tries_auc is None else round(tries_auc, 4),
        "running_tries": len(found.tries),
        "wrongly_doomed": found.wrongly_doomed,
        "answer_ms": round(1000 * found.answer_s / max(found.answers, 1), 3),
        "learn_ms": round(1000 * found.learn_s / n, 3),
        "workflows": n,
        "recorded": recorded(shared),
        "others_at_50": OTHERS,
    })  # fmt: skip
