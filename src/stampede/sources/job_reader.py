"""What jobs left behind, read by a second process while the log goes on.

The files of an ended try are independent of everything else, and reading them is half the work of a submit directory.
``AheadFiles`` asks a process of its own for the events of each try, puts a marker into the stream, and fills it in when
the batch is handed on. The order of events is that of ``JobFiles``.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Mapping
from multiprocessing.util import Finalize
from typing import Any

import msgspec

from stampede.errors import InputError
from stampede.events.base import Event
from stampede.sources import parcel
from stampede.sources.dagman.attempts import Attempt
from stampede.sources.dagman.dag import Node
from stampede.sources.fork import Child, Connection
from stampede.sources.jobfiles import Job, JobFiles
from stampede.sources.outcome import ASKED_OF_TRIES
from stampede.sources.pegasus.submit_file import SubmitFile

#: tries asked for at a time
_CHUNK = 64
#: the events of each try asked for, as they were encoded
_Answers = list[msgspec.Raw]


class _Question(msgspec.Struct, array_like=True):
    job: Job | None
    attempt: Attempt
    #: whether the DAG has the node
    known: bool
    ts: float
    js: int
    last: bool


class AheadFiles(JobFiles):
    """``JobFiles`` whose ended tries are read by another process. Use ``settle`` on every list of events.

    ``nodes`` are those of the DAG. With ``forwards`` settled lists hold what the other process told still encoded
    (``parcel.Sealed``), to be handed on.
    """

    def __init__(self, nodes: Mapping[str, Node], forwards: bool, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._forwards = forwards
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(list[parcel.AnyEvent])
        self._asked: list[msgspec.Raw] = []
        self._taken: _Answers = []
        self._answers: queue.Queue[_Answers | None] = queue.Queue()
        alone = JobFiles(*args, **(kwargs | {"follow": None}))
        self._child = Child(_serve, alone, nodes)
        self._thread: threading.Thread | None = None
        self._closed = False
        self._at_exit = Finalize(None, self.close, exitpriority=10)

    def ended(self, attempt: Attempt, node: Node | None, ts: float, js: int, *, last: bool) -> list[Event]:
        """A marker for what will be told of the try."""
        job = self._last_look(node, attempt)
        try:
            question = self._encoder.encode(_Question(_slim(job), attempt, node is not None, ts, js, last))
        except (UnicodeEncodeError, OverflowError):  # a name that cannot be sent: read here
            return self.outcome(job, attempt, node, ts, js, last=last)
        self._asked.append(msgspec.Raw(question))
        if len(self._asked) >= _CHUNK:
            self._ask()
        return [parcel.Sealed()]

    def _ask(self) -> None:
        if self._asked:
            if self._thread is None:  # not before the first question: other processes may be forked till then
                self._thread = threading.Thread(target=self._collect, daemon=True)
                self._thread.start()
            try:
                self._child.connection.send(self._encoder.encode(self._asked))
            except OSError:
                self._answers.put(None)
            self._asked = []

    def settle(self, events: list[Event]) -> list[Event]:
        """The events with markers replaced by what was read meanwhile, or with what was read put into them."""
        if not any(e.__class__ is parcel.Sealed for e in events):
            return events
        self._ask()
        out: list[Event] = []
        for event in events:
            if not isinstance(event, parcel.Sealed):
                out.append(event)
            elif self._forwards:
                event.events = self._answer()
                out.append(event)
            else:
                out += self._decoder.decode(self._answer())
        return out + self.problems()

    def _answer(self) -> msgspec.Raw:
        if not self._taken:
            found = self._answers.get()
            if found is None:
                raise InputError("The process that reads job output ended. Set STAMPEDE_WORKERS=0 to do without it.")
            self._taken = found[::-1]
        return self._taken.pop()

    def _collect(self) -> None:
        decoder = msgspec.msgpack.Decoder(_Answers)
        try:
            while (message := self._child.connection.receive()) is not None:
                self._answers.put(decoder.decode(message))
        finally:  # it has ended, or its answers are none
            self._answers.put(None)

    def close(self) -> None:
        """End the other process."""
        if self._closed:
            return
        self._closed = True
        self._at_exit.cancel()
        self._child.kill()
        if self._thread is not None:
            self._thread.join()
        self._child.end()


def _slim(job: Job | None) -> Job | None:
    """The job without what nobody over there asks for."""
    if job is None:
        return None
    full = job.submit
    asked = {name: full.commands[name] for name in ASKED_OF_TRIES if name in full.commands}
    submit = SubmitFile(
        executable=full.executable, arguments=full.arguments, attributes=full.attributes, commands=asked,
    )  # fmt: skip
    return Job(job.site, job.stdin, job.stdout, job.stderr, None, submit)


def _serve(connection: Connection, files: JobFiles, nodes: Mapping[str, Node]) -> None:
    """Answer questions until there are no more."""
    questions = msgspec.msgpack.Decoder(list[_Question])
    while (data := connection.receive()) is not None:
        told = [
            files.outcome(q.job, q.attempt, nodes[q.attempt.node] if q.known else None, q.ts, q.js, last=q.last)
            for q in questions.decode(data)
        ]
        connection.send(parcel.encoded(told))  # type: ignore[arg-type] # a list of lists
