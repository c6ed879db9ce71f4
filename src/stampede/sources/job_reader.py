"""What jobs left behind, read by a second process while the log goes on.

The files of an ended try are independent of everything else, and reading them is half the work of a submit directory.
``AheadFiles`` asks a process of its own for the events of each try, puts a marker into the stream, and fills it in when
the batch is handed on. The order of events is that of ``JobFiles``.
"""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any

import msgspec

from stampede.errors import InputError
from stampede.events.base import Event
from stampede.events.storable import storable
from stampede.sources import frames
from stampede.sources.dagman.attempts import Attempt
from stampede.sources.dagman.dag import Node
from stampede.sources.jobfiles import Job, JobFiles

#: tries asked for at a time
_CHUNK = 64
_Answer = list[list[frames.AnyEvent]]


class _Setup(msgspec.Struct):
    uuid: str
    directory: bytes
    recorded: str | None
    user: str | None
    pmc: bool


class _Question(msgspec.Struct, array_like=True):
    job: Job | None
    attempt: Attempt
    node: Node | None
    ts: float
    js: int
    last: bool


class _Later(Event, kw_only=True, gc=False):
    """Stands where the events of a try will be; answers come in the order of the questions."""


class AheadFiles(JobFiles):
    """``JobFiles`` whose ended tries are read by another process. Use ``settle`` on every list of events."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "stampede.sources.job_reader"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to: IO[bytes] = self._process.stdin
        self._encoder = msgspec.msgpack.Encoder()
        self._asked: list[msgspec.Raw] = []
        self._taken: list[list[Event]] = []
        self._answers: queue.Queue[list[list[Event]] | None] = queue.Queue()
        self._send(_Setup(self.uuid, os.fsencode(self.directory), self.recorded, self.user, self.pmc))
        threading.Thread(target=self._collect, args=(self._process.stdout,), daemon=True).start()

    def ended(self, attempt: Attempt, node: Node | None, ts: float, js: int, *, last: bool) -> list[Event]:
        """A marker for what will be told of the try."""
        job = self.job(node, attempt.node, attempt.retry)
        try:
            question = self._encoder.encode(_Question(_slim(job), attempt, node, ts, js, last))
        except (UnicodeEncodeError, OverflowError):  # a name that cannot be sent: read here
            return self.outcome(job, attempt, node, ts, js, last=last)
        self._asked.append(msgspec.Raw(question))
        if len(self._asked) >= _CHUNK:
            self._ask()
        return [_Later()]

    def _ask(self) -> None:
        if self._asked:
            self._send(self._asked)
            self._asked = []

    def settle(self, events: list[Event]) -> list[Event]:
        """The events with markers replaced by what was read meanwhile."""
        if not any(e.__class__ is _Later for e in events):
            return events
        self._ask()
        out: list[Event] = []
        for event in events:
            if isinstance(event, _Later):
                out += self._answer()
            else:
                out.append(event)
        return out + self.problems()

    def _answer(self) -> list[Event]:
        if not self._taken:
            found = self._answers.get()
            if found is None:
                raise InputError("The process that reads job output ended. Set STAMPEDE_WORKERS=0 to do without it.")
            self._taken = found[::-1]
        return self._taken.pop()

    def _send(self, message: object) -> None:
        try:
            frames.write(self._to, self._encoder.encode(message))
        except BrokenPipeError:
            self._answers.put(None)

    def _collect(self, stream: IO[bytes]) -> None:
        decoder = msgspec.msgpack.Decoder(_Answer)
        try:
            while (answer := frames.read(stream)) is not None:
                self._answers.put(decoder.decode(answer))
        except (OSError, ValueError):  # closed while we read, or no answer of ours
            pass
        self._answers.put(None)

    def close(self) -> None:
        """End the other process."""
        try:
            self._to.close()
        except OSError:
            pass
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


def _slim(job: Job | None) -> Job | None:
    """The job without the commands that nobody over there asks for."""
    if job is None:
        return None
    submit = job.submit
    few = {k: v for k, v in submit.commands.items() if k.startswith("pegasus_")}
    return msgspec.structs.replace(job, submit=msgspec.structs.replace(submit, commands=few, environment_text=None))


def main() -> None:
    """Answer questions from standard input until it ends."""
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    encoder = msgspec.msgpack.Encoder()
    questions = msgspec.msgpack.Decoder(list[_Question])
    setup = msgspec.msgpack.decode(frames.read(requests) or b"", type=_Setup)
    directory = Path(os.fsdecode(setup.directory))
    files = JobFiles(setup.uuid, directory, setup.recorded, user=setup.user, pmc=setup.pmc)
    while data := frames.read(requests):
        told = [files.outcome(q.job, q.attempt, q.node, q.ts, q.js, last=q.last) for q in questions.decode(data)]
        try:
            answer = encoder.encode(told)
        except (UnicodeEncodeError, OverflowError):  # what no database could hold either
            answer = encoder.encode([storable(events) for events in told])
        frames.write(answers, answer)


if __name__ == "__main__":
    main()
