"""The Python API: what is known of workflows, as typed structs and as lists that are read while they are used.

::

    import stampede

    with stampede.open("runs/run0001") as s:          # a URL, submit directory, uuid or label; nothing: all registered
        wf = s.workflow()
        wf.status(), wf.triage(), wf.progress()       # judgements
        for job in wf.jobs("state=failed", sort="-duration_s"):
            print(job.name, job.exit)

``Session`` is one database or several, ``Workflow`` one workflow with all below it (now, or as it stood at a time),
``Listing`` a list that was asked for but not read yet. Names of lists, columns and questions are those of the REST
interface. Everything raises :class:`stampede.errors.StampedeError` with a sentence that says what is wrong.
"""

from __future__ import annotations

from stampede.api.database import Database, Readable
from stampede.api.listing import Listing
from stampede.api.session import Session, open_session
from stampede.api.workflow import Workflow

__all__ = ["Database", "Listing", "Readable", "Session", "Workflow", "open_session"]
