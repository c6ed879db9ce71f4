"""Conditions of the partial indexes: a question that has one of them, word for word, is answered from its index."""

from __future__ import annotations

from typing import Final

#: tries of jobs that failed, are held or were removed
FAILED: Final = (
    "(outcome = 'failed' OR (outcome IS NULL AND state IN ('JOB_HELD', 'JOB_ABORTED')) OR main_exitcode <> 0)"
)

#: states in which something came between a job and its machine
INTERRUPTED: Final = (
    "state IN ('JOB_EVICTED', 'JOB_SUSPENDED', 'JOB_DISCONNECTED', 'JOB_RECONNECT_FAILED', 'SHADOW_EXCEPTION')"
)
