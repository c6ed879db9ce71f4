"""One story: a folder with a DAG, its submissions, the processes that watch it, and what was seen of both."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from . import agreement, asking, dags
from .agreement import Moment, Truth
from .asking import Watch
from .pool import Ad, Pool, PoolError

#: seconds that the pool may take for anything
PATIENCE_S = 120.0
#: seconds between two looks at everything
TICK_S = 1.0
#: seconds for which all stands still at a step, so that the answers of some moments can be compared there
PAUSE_S = 2.0
#: seconds that a watch may take to begin where many begin at once
START_S = 15.0
#: seconds after DAGMan's job has left the queue in which a watch ends
END_S = 20.0

#: times that the queue may be refused
_REFUSALS = 20

_SUBMITTED = re.compile(r"submitted to cluster (\d+)")


class Step(msgspec.Struct):
    """A place of the story where all stands still: what both have to say, when each said it, what Stampede said."""

    what: str
    expected: dict[str, Any]
    truth_at: float
    answer_at: float | None
    answer: dict[str, Any] | None


class PoolTroubleError(Exception):
    """HTCondor itself did not do what the story needs: nothing is known about Stampede."""


class Stage:
    """Where one story happens."""

    def __init__(self, pool: Pool, name: str, folder: Path, own: Path) -> None:
        self.pool, self.name, self.folder = pool, name, folder
        self.dag = f"{name}.dag"
        self.database = own / f"{name}.db"
        self.url = f"sqlite:///{self.database}"
        self._own = own
        self.clusters: list[int] = []
        self.watches: list[Watch] = []
        self.moments: list[Moment] = []
        self.steps: list[Step] = []
        self.notes: dict[str, Any] = {}
        #: what is there to be judged when all is over
        self.history: list[Ad] = []
        self.left_queue: float | None = None
        self._news = threading.Condition()
        self._blinded: Exception | None = None

    # ---- what the story does ----------------------------------------------------------------------------------------

    def write(self, dag: str, extra: str = "", *, overwritten: bool = False, **others: str) -> None:
        """The folder with its DAG, and the DAGs of sub-workflows by their names without ``.dag``."""
        all_dags = {self.dag: dag, **{f"{k}.dag": v for k, v in others.items()}}
        dags.write(self.folder, all_dags, extra, overwritten=overwritten)
        self.pool.give(self.folder)

    def run(self, command: str) -> str:
        """A command of the user in the folder."""
        return self.pool.run(f"cd {self.pool.inside(self.folder)} && {command}")

    def submit(self, options: str = "", *others: str) -> int:
        """The cluster of DAGMan's job, which runs other DAG files too if they are named."""
        said = _SUBMITTED.search(self.run(f"condor_submit_dag {options} {' '.join((self.dag, *others))}"))
        if said is None:
            raise PoolTroubleError("condor_submit_dag names no cluster")
        self.left_queue = None
        self.clusters.append(int(said[1]))
        return self.clusters[-1]

    def watch(self, *options: str, target: Path | None = None) -> Watch:
        """Begin to watch the folder (or ``target``); all watches of a story use one database."""
        watch = Watch(target or self.folder, self.url, self._own / f"{self.name}-{len(self.watches)}", *options)
        self.watches.append(watch)
        return watch

    def open(self, gate: str) -> None:
        """Let the jobs that wait for it go on."""
        (self.folder / "gate" / gate).touch()

    def node(self, name: str) -> str:
        """A constraint that means the jobs of a node."""
        return f"'DAGManJobId == {self.clusters[-1]} && DAGNodeName == \"{name}\"'"

    def pid(self) -> int:
        """The process of the DAGMan that was started last."""
        text = (self.folder / f"{self.dag}.dagman.out").read_text()
        return int(re.findall(r"\*\* PID = (\d+)", text)[-1])

    def signal(self, number: signal.Signals) -> int:
        """Send the DAGMan that runs a signal; its process."""
        pid = self.pid()
        if self.dag.encode() not in Path(f"/proc/{pid}/cmdline").read_bytes():
            raise PoolTroubleError(f"process {pid} is not the DAGMan of {self.dag}")
        os.kill(pid, number)
        return pid

    # ---- what it waits for ------------------------------------------------------------------------------------------

    def until(self, what: str, holds: Callable[[Moment], bool], seconds: float = PATIENCE_S) -> Moment:
        """The first moment from now on at which something holds that HTCondor alone decides on."""
        deadline, seen = time.monotonic() + seconds, len(self.moments)
        with self._news:
            while True:
                for moment in self.moments[seen:]:
                    if holds(moment):
                        return moment
                seen = len(self.moments)
                if self._blinded is not None:
                    raise self._blinded
                if not self._news.wait(deadline - time.monotonic()):
                    raise PoolTroubleError(f"{self.name}: HTCondor did not come to {what!r} in {seconds:.0f} s\n"
                                           f"{agreement.table(self.moments[-10:])}")  # fmt: skip

    def agree(self, what: str, *, dag: str | None = None, status: int | None = None, state: str = "running",
              **counts: int) -> Step:  # fmt: skip
        """HTCondor comes to these counts and stays there; the process ``stampede status`` says them soon after."""
        name = dag or self.dag

        def there(m: Moment) -> bool:
            t = m.truth.get(name)
            return t is not None and (status is None or t.status == status) and _has(t.counts, counts)

        expected = {"state": state, **counts}
        step = Step(what, expected, self.until(what, there).truth_at, None, None)
        deadline = max(time.time() + agreement.SETTLE_S, self.watches[-1].started + START_S)
        while step.answer_at is None and time.time() < deadline:
            for answer in self.ask():
                if answer["dag"] == name:
                    step.answer = answer
                    if _has({"state": answer["state"], **agreement.counts_of(answer)}, expected):
                        step.answer_at = time.time()
        self.steps.append(step)
        time.sleep(PAUSE_S)
        return step

    def becomes(self, holds: Callable[[dict[str, Any]], bool]) -> bool:
        """Whether ``stampede status`` soon says something of the root workflow."""
        deadline = time.time() + agreement.SETTLE_S
        while time.time() < deadline:
            if any(a["dag"] == self.dag and holds(a) for a in self.ask()):
                return True
        return False

    def note(self, what: str, said: Any) -> None:
        """Keep something for the test of this story."""
        self.notes[what] = said

    def ask(self) -> list[dict[str, Any]]:
        """What ``stampede status --json`` answers as a process; nothing while it knows nothing."""
        if not self.database.exists():
            return []
        said = asking.stampede("status", str(self.folder), "--db", self.url, codes=(0, 1))
        return list(said["workflows"])

    def told(self, label: str) -> dict[str, Any]:
        """What ``stampede triage`` says once it names a cause; what it says after a while if it does not."""
        deadline = time.time() + agreement.SETTLE_S
        while True:
            said = self.triage()
            if any(c["label"] == label for c in said["causes"]) or time.time() > deadline:
                return said

    def triage(self) -> dict[str, Any]:
        """What ``stampede triage --json`` answers as a process."""
        return dict(asking.stampede("triage", str(self.folder), "--db", self.url))

    def gone(self) -> None:
        """DAGMan's job leaves the queue."""
        cluster = self.clusters[-1]
        moment = self.until("the end of DAGMan", lambda m: all(t.cluster != cluster for t in m.truth.values()))
        self.left_queue = moment.truth_at

    def over(self) -> None:
        """DAGMan's job leaves the queue, and the watch has the time it needs to see it."""
        self.gone()
        self.watches[-1].wait(END_S)

    # ---- what is seen -----------------------------------------------------------------------------------------------

    def observe(self, queue: list[Ad], at: float) -> None:
        """Note what HTCondor said at a time, and what Stampede says now."""
        truth: dict[str, Truth] = agreement.truth_of(queue, self.clusters[-1]) if self.clusters else {}
        answers = None
        if self.watches and (self.watches[-1].running or self.database.exists()):
            said = asking.answer(self.folder, self.url)
            answers = None if said is None else agreement.by_dag(said)
        with self._news:
            self.moments.append(Moment(at, time.time(), truth, answers))
            self._news.notify_all()

    def blind(self, error: Exception) -> None:
        """Nothing more will be seen: who waits for something gets the error."""
        with self._news:
            self._blinded = error
            self._news.notify_all()

    def watched(self, moment: Moment) -> bool:
        """Whether a watch ran then that had had the time to begin."""
        spans = [(self._begun(w), w.ended) for w in self.watches]
        return any(a <= moment.answer_at and (b is None or moment.answer_at <= b) for a, b in spans)

    def _begun(self, watch: Watch) -> float:
        latest = watch.started + START_S
        answered = (m.answer_at for m in self.moments if m.answers and m.answer_at >= watch.started)
        return min(next(answered, latest), latest)

    def close(self) -> None:
        """Leave nothing behind in the queue, nor a process; keep what HTCondor remembers."""
        for watch in self.watches:
            watch.close()
        if not self.clusters:
            return
        home = self.pool.inside(self.folder)
        self.pool.run(f"condor_rm -constraint 'Iwd == \"{home}\"'", check=False)
        deadline = time.monotonic() + PATIENCE_S
        while any(ad.get("Iwd") == home for ad in self.pool.queue()):
            if time.monotonic() > deadline:
                raise PoolTroubleError(f"{self.name}: jobs stay in the queue")
            time.sleep(0.5)
        self.history = self.pool.history(home)


def _has(counts: dict[str, Any], expected: dict[str, Any]) -> bool:
    return all(counts.get(word) == value for word, value in expected.items())


class Observer:
    """Looks at the queue and at all stories about once a second, until it is closed."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._stages: list[Stage] = []
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="observer")
        self._thread.start()

    def add(self, stage: Stage) -> None:
        """Look at a story from now on."""
        self._stages.append(stage)

    def remove(self, stage: Stage) -> None:
        """Look at it no more."""
        self._stages.remove(stage)

    def close(self) -> None:
        """Look at nothing any more."""
        self._closed.set()
        self._thread.join()

    def _run(self) -> None:
        refused = 0
        while not self._closed.is_set():
            began = time.time()
            try:
                queue = self._pool.queue()
            except PoolError as e:  # a schedd that is busy may refuse
                refused += 1
                if refused > _REFUSALS:
                    return self._fail(e)
                self._closed.wait(TICK_S)
                continue
            at = time.time()
            try:
                for stage in list(self._stages):
                    stage.observe(queue, at)
            except Exception as e:
                return self._fail(e)
            self._closed.wait(max(0.1, TICK_S - (time.time() - began)))
        return None

    def _fail(self, error: Exception) -> None:
        for stage in list(self._stages):
            stage.blind(error)
