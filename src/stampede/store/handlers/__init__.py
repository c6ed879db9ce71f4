"""What each event does to the rows: one small function an event, by what the event is about, joined in ``HANDLERS``.

Events that repeat others (``inv.start``, ``job_inst.composite`` …) have a handler that does nothing, on purpose.
"""

from __future__ import annotations

from typing import Final

from stampede.store.handlers import anomaly, execution, invocation, job, measure, run, submission, task, workflow
from stampede.store.handlers.handler import Handlers

#: one flat table: an event costs one look-up
HANDLERS: Final[Handlers] = {
    **workflow.HANDLERS,
    **run.HANDLERS,
    **task.HANDLERS,
    **job.HANDLERS,
    **submission.HANDLERS,
    **execution.HANDLERS,
    **measure.HANDLERS,
    **invocation.HANDLERS,
    **anomaly.HANDLERS,
}
