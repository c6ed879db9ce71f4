"""What ran while a job waited: all tries are read once, and every waiting job is held against them in memory (24 bytes
a try)."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from typing import Final

from stampede.store.reader import Reader

#: seconds after the submission of the one that waits from which on another counts as submitted later
_LATER_S: Final = 5.0
_FOREVER: Final = 1e18
_NEVER: Final = -1.0

_BEGUN: Final = """
SELECT coalesce(i.submit_ts, {never}), i.execute_ts, max(coalesce(i.end_ts, {forever}), i.execute_ts)
FROM job j JOIN job_instance i ON i.job_id = j.job_id
WHERE j.wf_id IN ({ids}) AND i.execute_ts IS NOT NULL AND j.node_type <> 'service'
  AND j.type_desc NOT IN ('dax', 'dag')
"""


class Executions:
    """The tries of workflows that began to run, in the orders in which they are asked about."""

    def __init__(self, reader: Reader, ids: str) -> None:
        self._reader = reader
        self._sql = _BEGUN.format(ids=ids, never=_NEVER, forever=_FOREVER)
        self._submitted, self._begun_of, ended = array("d"), array("d"), array("d")
        for submit, execute, end in reader.iterate(f"{self._sql} ORDER BY 1"):
            self._submitted.append(submit)
            self._begun_of.append(execute)
            ended.append(end)
        self._begun = array("d", sorted(self._begun_of))
        self._ended = array("d", sorted(ended))

    def meanwhile(self, job: str, submit_ts: float, until_ts: float, half_ts: float) -> tuple[int, int]:
        """What other jobs did while one waited from ``submit_ts`` until ``until_ts``.

        How many that were submitted later were started; how many had begun a second before the end and still ran at
        ``half_ts``.
        """
        first = bisect_right(self._submitted, submit_ts + _LATER_S)
        last = bisect_left(self._submitted, until_ts)
        overtaken = sum(execute < until_ts for execute in self._begun_of[first:last])
        running = bisect_left(self._begun, until_ts - 1) - bisect_right(self._ended, half_ts)
        for submit, execute, end in self._reader.rows(f"{self._sql} AND j.exec_job_id = ?", (job,)):
            overtaken -= submit_ts + _LATER_S < submit < until_ts and execute < until_ts
            running -= (execute < until_ts - 1) - (end <= half_ts)
        return overtaken, running
