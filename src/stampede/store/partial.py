"""Conditions of the partial indexes: a question that has one of them, word for word, is answered from its index."""

from __future__ import annotations

from typing import Final

#: tries of jobs that failed, are held or were removed
FAILED: Final = (
    "(outcome = 'failed' OR (outcome IS NULL AND state IN ('JOB_HELD', 'JOB_ABORTED')) OR main_exitcode <> 0)"
)

#: tries that something came between and their machine, or that were started more than once
AGAIN: Final = "(execute_count > 1 OR interrupted)"
