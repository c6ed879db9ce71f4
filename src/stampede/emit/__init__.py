"""Events out, for workers and engines: a small library that needs nothing but the standard library and msgspec.

::

    from stampede import emit

    with emit.Emitter("https://monitor.example:8642", token=…, source="engine-1") as e:
        with e.workflow(label="survey") as wf:
            fit = wf.job("fit", transformation="fit")
            with e.running(fit):
                …

    event() ─► Spool (segments on disk) ─► Sender (a thread) ─► POST /api/v1/events
                  ▲ what is stored there is deleted ◄── "stored up to n"

An event is on its way when ``event`` returns: it is in a file that outlives the process. It arrives once, in the order
in which it was sent, however often the process, the network or the server fail meanwhile.
"""

from stampede.emit.emitter import Emitter
from stampede.emit.errors import SpoolBusyError, SpoolError, SpoolFullError
from stampede.emit.workflow import Job, Workflow

__all__ = ["Emitter", "Job", "SpoolBusyError", "SpoolError", "SpoolFullError", "Workflow"]
