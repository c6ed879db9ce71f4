"""What a program holds to send events."""

from __future__ import annotations

import os
import re
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal

import msgspec

from stampede.emit.client import Client
from stampede.emit.errors import SpoolBusyError, SpoolError, SpoolFullError
from stampede.emit.sender import Sender
from stampede.emit.spool import MOST_BYTES, Spool
from stampede.emit.workflow import Job, Running, Workflow
from stampede.errors import UsageError
from stampede.places import state_folder

WhenFull = Literal["wait", "drop", "raise"]

_ENCODER: Final = msgspec.json.Encoder(enc_hook=str, decimal_format="number")
#: with ``wait``, an event waits so long for room, in seconds; then it is dropped
_PATIENCE_S: Final = 30.0
#: programs of one name that send from one machine at the same time
_MOST_ALIKE: Final = 1_000


class Emitter:
    """Sends events to a server: in order, each once, through a spool on the disk.

    ``url``     the server, ``https://monitor.example:8642``
    ``token``   a credential that may write; ``STAMPEDE_TOKEN`` when it is not given
    ``source``  what the sender is called; the name of the machine when it is not given
    ``spool``   the folder of the spool; below ``STAMPEDE_STATE`` when it is not given, where programs with the same
                ``source`` get one each, and one that is started later sends what another one left
    ``sync``    ``batch``: an event survives the end of the process however it ends, and is on the disk before it is
                sent; ``always``: it survives a power cut too when ``event`` returns
    ``when_full``  what to do when the spool has ``most_bytes``: ``wait`` for half a minute, then drop; ``drop``;
                ``raise`` SpoolFullError. What was dropped is counted in ``dropped``, and told as a problem.
    ``certificate`` a file of certificates to trust beside the system's

    Raises SpoolError when there can be no spool. Safe to use from several threads.
    """

    def __init__(
        self, url: str, *, token: str | None = None, source: str | None = None, spool: str | Path | None = None,
        sync: Literal["batch", "always"] = "batch", when_full: WhenFull = "wait", most_bytes: int = MOST_BYTES,
        certificate: str | None = None, retry_s: float = 30.0,
    ) -> None:  # fmt: skip
        client = Client(url, token=token or os.environ.get("STAMPEDE_TOKEN"), certificate=certificate)
        self._spool = _spool(spool, source or os.uname().nodename, most_bytes, always_sync=sync == "always")
        self._when_full = when_full
        self._untold = 0
        self._lock = threading.Lock()
        self._workflow: Workflow | None = None
        #: events that found no room
        self.dropped = 0
        self._sender = Sender(self._spool, client, forgotten=self._forgotten, again_s=retry_s)
        self._sender.wake()

    # ---- events -----------------------------------------------------------------------------------------------------

    def event(self, name: str, **fields: Any) -> None:
        """Send an event of the catalogue (docs/reference/events.md), ``stampede.`` may be left out.

        Fields have the names of the catalogue with ``_`` for each dot (``xwf_id``, ``job_inst_id``); None is left out,
        ``ts`` (epoch seconds) is now unless it is given, ``xwf_id`` the workflow that was begun last.
        """
        if fields.get("ts") is None:
            fields["ts"] = time.time()
        if "xwf_id" not in fields and self._workflow is not None:
            fields["xwf_id"] = self._workflow.uuid
        named = {"event": name if name.startswith("stampede.") else f"stampede.{name}"}
        self._keep(_ENCODER.encode(named | {k: v for k, v in fields.items() if v is not None}))

    def _keep(self, record: bytes) -> None:
        with self._lock:
            records = [record]
            if self._untold:
                records.insert(0, _dropped(self._untold))
            if self._appended(records):
                self._untold = 0
            else:
                self.dropped += 1
                self._untold += 1
                if self._when_full == "raise":
                    raise SpoolFullError("The spool is full; the event was not kept.")
        self._sender.wake()

    def _appended(self, records: list[bytes]) -> bool:
        until = time.monotonic() + (_PATIENCE_S if self._when_full == "wait" else 0.0)
        while True:
            try:
                self._spool.append(records)
            except SpoolFullError:
                if time.monotonic() >= until or self._untold:
                    return False
                self._sender.wake()
                time.sleep(0.1)
            else:
                return True

    def _forgotten(self, gone: int) -> None:
        """The server's database is another one than before."""
        message = f"{gone} events were sent and stored in a database that the server does not have any more."
        remedy = "Give the server its database back, or load the workflow from its submit directory."
        self.event("stampede.problem", kind="forgotten", severity="warning", message=message, remedy=remedy)

    # ---- workflows and jobs -----------------------------------------------------------------------------------------

    def workflow(self, uuid: str | None = None, *, label: str | None = None, **plan: Any) -> Workflow:
        """Tell of a workflow: a new one unless a ``uuid`` is given. ``with`` it, the run begins and ends.

        ``plan`` has other fields of ``stampede.wf.plan``: ``submit_dir``, ``user``, ``engine``, ``parent_xwf_id`` …
        """
        self._workflow = Workflow(self, uuid)
        self._workflow.plan(label=label, **plan)
        return self._workflow

    def join(self, uuid: str) -> Workflow:
        """A workflow that another program told of, to send events of its jobs."""
        self._workflow = Workflow(self, uuid)
        return self._workflow

    def job(self, name: str, **fields: Any) -> Job:
        """Tell of a job of the workflow that was begun last; see :meth:`Workflow.job`. Raises UsageError without."""
        if self._workflow is None:
            raise UsageError("There is no workflow yet that the job could belong to; begin with workflow() or join().")
        return self._workflow.job(name, **fields)

    def running(self, job: Job, **fields: Any) -> Running:
        """``with e.running(job):`` a try of the job, which ends as the block does; see :class:`Running`."""
        return Running(job, **fields)

    # ---- the other end ----------------------------------------------------------------------------------------------

    @property
    def trouble(self) -> str | None:
        """What keeps events from arriving; None when nothing does. They are kept meanwhile."""
        return self._sender.trouble

    @property
    def waiting(self) -> int:
        """Events that have not been stored by the server yet."""
        return max(self._spool.last - self._sender.stored, 0)

    def flush(self, timeout_s: float | None = None) -> bool:
        """Wait until everything sent so far is stored by the server; whether it is."""
        return self._sender.drain(timeout_s)

    def close(self, timeout_s: float = 10.0) -> bool:
        """Give the server so long to store the rest; whether all is. What is not is sent by the next Emitter with this
        spool, or by ``stampede push SPOOL``."""
        done = self._sender.drain(timeout_s)
        self._sender.stop()
        self._spool.close()
        return done

    def __enter__(self) -> Emitter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _spool(given: str | Path | None, source: str, most_bytes: int, *, always_sync: bool) -> Spool:
    """The spool of that folder, or the first that is free of those of the source."""
    if given is not None:
        return Spool(Path(given), source, most_bytes=most_bytes, always_sync=always_sync)
    name = re.sub(r"[^\w.-]", "_", source)[:100] or "source"
    for number in range(_MOST_ALIKE):
        folder = state_folder() / "spool" / (f"{name}.{number}" if number else name)
        try:
            return Spool(folder, source, most_bytes=most_bytes, always_sync=always_sync)
        except SpoolBusyError:
            continue
    raise SpoolError(f"More than {_MOST_ALIKE} programs called {source} send from here; name their spools.")


def _dropped(number: int) -> bytes:
    return _ENCODER.encode({
        "event": "stampede.problem", "ts": time.time(), "kind": "dropped", "severity": "warning",
        "message": f"{number} events were dropped by their sender, whose spool was full.",
        "remedy": "Look why they could not be sent; give the spool more room.",
    })  # fmt: skip
