"""Conditions and expressions of indexes: a question that has one of them, word for word, is answered from its index."""

from __future__ import annotations

from typing import Final

#: tries of jobs that failed, are held or were removed
FAILED: Final = (
    "(outcome = 'failed' OR (outcome IS NULL AND state IN ('JOB_HELD', 'JOB_ABORTED')) OR main_exitcode <> 0)"
)

#: tries that something came between and their machine, or that were started more than once
AGAIN: Final = "(execute_count > 1 OR interrupted)"

#: upper bounds (seconds) of the classes of tries by how long they were on a machine, each four times the one before
SPANS_S: Final = tuple(8 * 4**n for n in range(9))

#: the class of a try: 0 for less than the first bound, and so on; what ran in a window began, class by class, not
#: longer before it than the bound
SPAN: Final = (
    "(CASE " + " ".join(f"WHEN end_ts - execute_ts < {s} THEN {n}" for n, s in enumerate(SPANS_S))
    + f" ELSE {len(SPANS_S)} END)"
)  # fmt: skip
