"""Writes states of jobs at a rate: ``python -m bench.sse.writer URL RATE SECONDS``; prints how many."""

from __future__ import annotations

import sys
import time

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.store.loader import Loader

UUID = "5e5e5e5e-0000-4000-8000-000000000001"
#: changes of one transaction: those of so many seconds
_TICK_S = 0.02


def plan(url: str) -> None:
    """A workflow, so that there is something to listen to."""
    with Loader(url) as loader:
        loader.apply([ev.WfPlan(xwf_id=UUID, dax_label="sse", ts=time.time(), user="bench"),
                      ev.XwfStart(xwf_id=UUID, ts=time.time(), restart_count=0)])  # fmt: skip


def write(url: str, rate: int, seconds: float) -> int:
    """States, ten a try; the timestamp of each is the moment before its transaction."""
    written = 0
    with Loader(url) as loader:
        began = time.monotonic()
        while (passed := time.monotonic() - began) < seconds:
            due = int(passed * rate) - written
            if due > 0:
                loader.apply(_states(written, due))
                written += due
            time.sleep(_TICK_S)
    return written


def _states(first: int, number: int) -> list[Event]:
    now = time.time()
    return [
        ev.JobInstState(xwf_id=UUID, ts=now, job_id=f"j{n // 10}", job_inst_id=1, js_id=n % 10 + 1, state="EXECUTE")
        for n in range(first, first + number)
    ]


if __name__ == "__main__":
    print(write(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
