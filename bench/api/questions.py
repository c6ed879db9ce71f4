"""What is asked: paths by name. Of most, each path is asked once only, so that no answer is kept from before."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from urllib.parse import quote

from bench.big_database import KINDS, START_TS

#: as many different ones as a series may need
_MANY = 12_000
#: milliseconds at p95: of summary answers, of pages
SUMMARY_MS, PAGE_MS = 10.0, 50.0


def questions(jobs: int, last_ts: float) -> dict[str, tuple[list[str], float]]:
    """Name -> paths, and the goal in milliseconds. ``kept`` names are asked again and again: what is kept answers."""
    dice = random.Random(5)
    wf = f"/api/v1/workflows/00000000-0000-4000-8000-{jobs:012d}"
    kinds = [kind for kind, _ in KINDS]

    def job() -> str:
        number = dice.randint(1, jobs)
        return f"{kinds[min(len(kinds) - 1, number * len(kinds) // (jobs + 1))]}_ID{number:07d}"

    def window() -> str:
        length = dice.uniform(10, 110)
        since = dice.uniform(START_TS, last_ts - length)
        return f"since={_time(since)}&until={_time(since + length)}"

    def page() -> str:
        """A filter and the order that fits it: by how long jobs took, or when they ended or began."""
        length, ts = f"{dice.uniform(1, 200):.4f}", _time(dice.uniform(START_TS + 600, last_ts - 600))
        return dice.choice([
            f"state=done&duration_s>={length}&sort=-duration_s", f"state=done&duration_s>={length}&sort=duration_s",
            f"end_ts<={ts}&sort=-end_ts", f"state=done&execute_ts>={ts}&sort=execute_ts",
        ])  # fmt: skip

    return {
        "workflow list": ([f"/api/v1/workflows?limit=25&total>={n}" for n in range(10)], SUMMARY_MS),
        "workflow": ([wf], SUMMARY_MS),
        "status": ([wf + "/status"], SUMMARY_MS),
        "job page": ([f"{wf}/jobs?{page()}&limit=100" for _ in range(_MANY)], PAGE_MS),
        "job page of a kind": ([f"{wf}/jobs?duration_s>={dice.uniform(1, 200):.4f}&transformation={dice.choice(kinds)}"
                                "&sort=-duration_s&limit=100" for _ in range(_MANY)], PAGE_MS),
        "failing jobs": ([f"{wf}/jobs?state=failed&sort=-end_ts&limit=50&duration_s>={dice.uniform(0, 20):.5f}"
                          for _ in range(_MANY)], PAGE_MS),
        "attempt": ([f"{wf}/jobs/{job()}/attempts/1" for _ in range(_MANY)], PAGE_MS),
        "gantt window": ([f"{wf}/gantt?format=columns&{window()}" for _ in range(_MANY)], PAGE_MS),
        "search": ([f"/api/v1/search?q={quote(job()[-7:])}" for _ in range(_MANY)], PAGE_MS),
        "search again": (["/api/v1/search?q=ID0123456"], PAGE_MS),
    }  # fmt: skip


def _time(ts: float) -> str:
    return datetime.fromtimestamp(ts, UTC).isoformat().replace("+00:00", "Z")
