"""A workflow as lines of events, as large as a test wants it."""

from __future__ import annotations

import json
from typing import Any

UUID = "0d9e0f6e-7d8c-4f0a-9f52-6a1f6a1b7c11"
BEGAN = 1_790_000_000.0


def run(jobs: int, *, uuid: str = UUID, end: bool = True) -> list[bytes]:
    """The events of a run of ``jobs`` jobs, each of which runs once; every tenth fails and runs again."""
    found: list[bytes] = []

    def tell(name: str, ts: float, **fields: Any) -> None:
        found.append(json.dumps({"event": f"stampede.{name}", "ts": ts, "xwf_id": uuid, **fields}).encode())

    tell("wf.plan", BEGAN, dax_label="sent", root_xwf_id=uuid, submit_hostname="here", user="tester")
    tell("xwf.start", BEGAN, restart_count=0)
    for n in range(jobs):
        tell("job.info", BEGAN, job_id=f"j{n}", type_desc="compute", max_retries=1, executable="/bin/true",
             task_count=0, clustered=0, submit_file=f"j{n}.sub")  # fmt: skip
    for n in range(jobs):
        tries = 2 if n % 10 == 3 else 1
        for attempt in range(1, tries + 1):
            at = BEGAN + n + 0.3 * attempt
            last = attempt == tries
            about: dict[str, Any] = {"job_id": f"j{n}", "job_inst_id": attempt}
            tell("job_inst.submit.end", at, **about, js_id=1, status=0)
            tell("job_inst.main.start", at + 0.1, **about, js_id=2)
            tell("job_inst.main.term", at + 0.2, **about, js_id=3, status=0)
            tell("job_inst.main.end", at + 0.2, **about, js_id=4, status=0 if last else -1, exitcode=0 if last else 256)
    if end:
        tell("xwf.end", BEGAN + jobs + 1, restart_count=0, status=0)
    return found
