"""What is remembered of nodes and their tries while they are under way."""

from __future__ import annotations

import msgspec

from stampede.model.exits import UNKNOWN, Exit


class Attempt(msgspec.Struct, gc=False, array_like=True):
    """One try of a node: a job instance in the making. Times are epoch seconds, ``js`` the last state's number."""

    seq: int
    node: str
    #: number of the output files of this try (``.out.NNN``)
    output_number: int = 0
    #: retry number within DAGMan's run, for ``$(RETRY)``
    retry: int = 0
    #: ``cluster.proc``; empty until HTCondor gave one
    job: str = ""
    js: int = 0
    #: ``pre``, ``pre_done``, ``submitting``, ``queued``, ``ended``, ``post``, ``closed``
    phase: str = ""
    pre_start: float | None = None
    execute: float | None = None
    end: float | None = None
    post_start: float | None = None
    post_end: float | None = None
    exit: Exit = UNKNOWN
    held: bool = False
    aborted: bool = False
    #: main.end that waits for the post script: (ts, js)
    due: tuple[float, int] | None = None
    submit_error: str = ""
    #: why DAGMan is about to remove the job
    removal: str | None = None
    #: what the submit file said, kept for the end
    site: str | None = None


class NodeRun:
    """A node that has been started and is not done: its tries that are under way, by ``cluster.proc``."""

    __slots__ = ("attempts", "current", "failed_text", "name", "retry")

    def __init__(self, name: str) -> None:
        self.name = name
        self.current: Attempt | None = None
        self.attempts: dict[str, Attempt] = {}
        self.retry = 0
        self.failed_text = ""

    def of_job(self, job: str) -> Attempt | None:
        """The try with that HTCondor id; the current one when the id is unknown or empty."""
        found = self.attempts.get(job)
        if found is not None or self.current is None:
            return found
        return self.current if not job or not self.current.job or job.startswith("-") else None

    def siblings(self, attempt: Attempt) -> list[Attempt]:
        """Tries of the same cluster (a submit file that queues several processes), this one included."""
        cluster = attempt.job.split(".", 1)[0]
        return [a for job, a in self.attempts.items() if job.split(".", 1)[0] == cluster] or [attempt]
