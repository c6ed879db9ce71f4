"""What happens to DAGMan runs while they are watched. Each story drives HTCondor, and waits for both at each step."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress

import msgspec

from .agreement import SETTLE_S
from .dags import DIAMOND, edge, job, wide
from .pool import HELD
from .stage import END_S, Stage

#: names the signal-held option of condor_submit_dag: a DAGMan that dies of a signal is held, not started again
_HELD_WHEN_KILLED = "-append 'on_exit_hold = ExitBySignal =?= true'"
#: the same, but its job is over
_OVER_WHEN_KILLED = "-append 'on_exit_remove = true'"


class Story(msgspec.Struct):
    """What is done, how the last watch and the workflow end, nodes by DAG file, jobs that run at once."""

    act: Callable[[Stage], None]
    code: int
    state: str
    nodes: dict[str, int]
    slots: int


STORIES: dict[str, Story] = {}


def _story(code: int, state: str, slots: int = 2, **nodes: int) -> Callable[[Callable[[Stage], None]], None]:
    def add(act: Callable[[Stage], None]) -> None:
        name = act.__name__
        STORIES[name] = Story(act, code, state, {f"{k.replace('root', name)}.dag": n for k, n in nodes.items()}, slots)

    return add


@_story(0, "success", root=4)
def diamond(s: Stage) -> None:
    """A, then B and C, then D; watched from before the submission by the name of its DAG file."""
    s.write(DIAMOND)
    s.watch("--json", target=s.folder / s.dag)
    time.sleep(SETTLE_S / 2)
    s.submit()
    s.agree("B and C run", total=4, done=1, queued=2, running=2, unready=1)
    s.open("bc")
    s.over()


@_story(0, "success", root=2)
def before(s: Stage) -> None:
    """Watched from before the submission by the folder; the job waits in PRE and POST scripts too."""
    s.write(
        job("A", "gate.sh a") + job("B", "nap.sh 0") + edge("A", "B")
        + "SCRIPT PRE A /bin/sh gate.sh pre\nSCRIPT POST A /bin/sh gate.sh post\n"
    )  # fmt: skip
    s.watch()
    time.sleep(SETTLE_S)
    s.submit()
    s.agree("A in its PRE script", pre=1, queued=0)
    s.open("pre")
    s.agree("A runs", pre=0, queued=1, running=1)
    s.open("a")
    s.agree("A in its POST script", queued=0, post=1)
    s.open("post")
    s.over()


@_story(0, "success", slots=1, root=2)
def retry(s: Stage) -> None:
    """A node that fails twice and succeeds when tried for the third time; watched once it runs."""
    s.write(job("A", "gate.sh a") + job("flaky", "third.sh") + edge("A", "flaky") + "RETRY flaky 3\n", overwritten=True)
    s.submit()
    s.until("A running", lambda m: m.truth[s.dag].counts.get("running") == 1 if s.dag in m.truth else False)
    s.watch("-q")
    s.agree("A runs", done=0, queued=1, running=1)
    s.open("a")
    s.over()


@_story(0, "success", root=4)
def rescue(s: Stage) -> None:
    """A run that fails, what was missing is put there, and the same DAG is submitted again in the same place."""
    s.write(
        job("A", "nap.sh 0") + job("bad", "need.sh out/table") + job("other", "gate.sh other") + job("Z", "nap.sh 0")
        + edge("A", "bad other") + edge("bad other", "Z") + "RETRY bad 1\n"
    )  # fmt: skip
    s.submit()
    s.watch()
    s.agree("bad has failed twice", done=1, failed=1, queued=1, running=1)
    s.open("other")
    s.over()
    s.note("first run", (s.watches[-1].code, s.ask()))
    (s.folder / "out" / "table").touch()
    s.submit()
    s.watch()
    s.over()


@_story(0, "success", root=3)
def hold(s: Stage) -> None:
    """A job that its policy holds, beside one that a person holds; both are released once the cause is gone."""
    s.write(
        job("A", "nap.sh 0") + job("policy", "need.sh out/licence") + job("person", "gate.sh person")
        + edge("A", "policy person"),
        'on_exit_hold = ExitCode =?= 3\non_exit_hold_reason = "the licence server said no"',
    )  # fmt: skip
    s.submit()
    s.watch()
    s.agree("one held, one runs", done=1, queued=2, held=1, running=1)
    s.note("one", s.told("held_policy"))
    s.run(f"condor_hold -reason 'maintenance of node 7' -constraint {s.node('person')}")
    s.agree("both held", done=1, queued=2, held=2, running=0)
    s.note("both", s.triage())
    s.open("person")
    s.run(f"condor_release -constraint {s.node('person')}")
    s.agree("one released and done", done=2, queued=1, held=1)
    (s.folder / "out" / "licence").touch()
    s.run(f"condor_release -constraint {s.node('policy')}")
    s.over()


@_story(1, "removed", root=4)
def remove(s: Stage) -> None:
    """The whole run is removed while two jobs run."""
    s.write(DIAMOND)
    cluster = s.submit()
    s.watch("--json")
    s.agree("B and C run", done=1, queued=2, running=2)
    s.run(f"condor_rm {cluster}")
    s.over()


@_story(0, "success", root=4)
def dagman_held(s: Stage) -> None:
    """DAGMan's own job is held by a person while two jobs run, which end meanwhile; then it is released."""
    s.write(DIAMOND)
    cluster = s.submit()
    s.watch()
    s.agree("B and C run", done=1, queued=2, running=2)
    s.run(f"condor_hold -reason 'the file server moves' {cluster}")
    s.agree("DAGMan is held", status=HELD, done=1, queued=2)
    s.note("triage", s.told("dagman_held"))
    s.open("bc")
    time.sleep(SETTLE_S)
    s.run(f"condor_release {cluster}")
    s.over()


@_story(0, "success", slots=1, root=3)
def halt(s: Stage) -> None:
    """A halt file, which is taken away again before DAGMan has nothing left to do."""
    s.write(job("A", "gate.sh a") + job("B", "gate.sh b") + job("C", "nap.sh 0") + edge("A", "B C"))
    s.submit()
    s.watch()
    s.agree("A runs", queued=1, running=1)
    halt_file = s.folder / f"{s.dag}.halt"
    halt_file.touch()
    s.note("halted", s.becomes(lambda a: a["halted"]))
    halt_file.unlink()
    s.note("resumed", s.becomes(lambda a: not a["halted"]))
    s.open("a")
    s.agree("B runs", done=2, queued=1, running=1)
    s.open("b")
    s.over()


@_story(0, "success", slots=8, root=202)
def many(s: Stage) -> None:
    """One, two hundred short ones, one."""
    s.write(wide(200))
    s.submit()
    s.watch()
    s.over()


@_story(0, "success", root=3, inner=2)
def below(s: Stage) -> None:
    """A sub-DAG that fails once, and is tried again from its own rescue DAG."""
    s.write(
        job("A", "nap.sh 0") + "SUBDAG EXTERNAL sub inner.dag\n" + job("Z", "nap.sh 0") + edge("A", "sub")
        + edge("sub", "Z") + "RETRY sub 1\n",
        inner=job("first", "gate.sh first") + job("second", "third.sh") + edge("first", "second") + "RETRY second 1\n",
    )  # fmt: skip
    s.submit()
    s.watch()
    s.agree("the sub-DAG runs", done=1, queued=1, running=1)
    s.agree("its first job runs", dag="inner.dag", done=0, queued=1, running=1)
    s.open("first")
    s.over()


@_story(0, "success", root=4)
def several(s: Stage) -> None:
    """One DAGMan runs two DAG files; watched from before the submission."""
    s.write(job("A", "gate.sh a") + job("B", "nap.sh 0") + edge("A", "B"),
            other=job("A", "nap.sh 0") + job("B", "gate.sh a") + edge("A", "B"))  # fmt: skip
    s.watch(target=s.folder / s.dag)
    s.submit("", "other.dag")
    s.agree("A of the one and B of the other run", total=4, done=1, queued=2, running=2)
    s.open("a")
    s.over()


@_story(1, "removed", root=4)
def held_removed(s: Stage) -> None:
    """DAGMan's own job is held, then removed: DAGMan does not live to say so."""
    s.write(DIAMOND)
    cluster = s.submit()
    s.watch()
    s.agree("B and C run", done=1, queued=2, running=2)
    s.run(f"condor_hold {cluster}")
    s.agree("DAGMan is held", status=HELD, done=1, queued=2)
    s.run(f"condor_rm {cluster}")
    s.over()


@_story(0, "success", root=4)
def killed_held(s: Stage) -> None:
    """DAGMan dies of SIGKILL, and its job is held so that nothing starts it again, until a person releases it."""
    s.write(DIAMOND)
    cluster = s.submit(_HELD_WHEN_KILLED)
    s.watch()
    s.agree("B and C run", done=1, queued=2, running=2)
    s.signal(signal.SIGKILL)
    s.agree("DAGMan is held", status=HELD, done=1, queued=2)
    s.note("triage", s.told("dagman_held"))
    time.sleep(2 * SETTLE_S)
    s.note("still watched", s.watches[-1].running)
    s.open("bc")
    s.run(f"condor_release {cluster}")
    s.over()


@_story(0, "success", root=4)
def killed_restarted(s: Stage) -> None:
    """DAGMan dies of SIGKILL, and HTCondor starts it again by itself, as it does unless it is told otherwise."""
    s.write(DIAMOND)
    s.submit()
    s.watch()
    s.agree("B and C run", done=1, queued=2, running=2)
    time.sleep(SETTLE_S)  # its log has been quiet for a while when it happens
    pid = s.signal(signal.SIGKILL)
    s.until("DAGMan again", lambda m: s.pid() != pid)
    s.agree("B and C run after recovery", done=1, queued=2, running=2)
    s.open("bc")
    s.over()


@_story(1, "lost", root=4)
def killed(s: Stage) -> None:
    """DAGMan dies of SIGKILL, and its job leaves the queue."""
    s.write(DIAMOND)
    s.submit(_OVER_WHEN_KILLED)
    s.watch()
    s.agree("B and C run", done=1, queued=2, running=2)
    s.signal(signal.SIGKILL)
    s.over()


@_story(1, "removed", root=4)
def forced(s: Stage) -> None:
    """DAGMan stands still, its job is taken out of the queue by force, then it is killed: it can say nothing."""
    s.write(DIAMOND)
    cluster = s.submit()
    s.watch()
    s.agree("B and C run", done=1, queued=2, running=2)
    pid = s.signal(signal.SIGSTOP)
    s.run(f"condor_rm {cluster}")
    s.run(f"condor_rm -forcex {cluster}")
    with suppress(ProcessLookupError):  # HTCondor may have been quicker
        os.kill(pid, signal.SIGKILL)
    s.over()


@_story(0, "success", root=4)
def interrupted(s: Stage) -> None:
    """The watch is ended by SIGTERM, by SIGINT and by SIGKILL, and begun again each time."""
    s.write(DIAMOND)
    s.submit()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
        watch = s.watch()
        s.agree(f"B and C run, before {number.name}", done=1, queued=2, running=2)
        watch.send(number)
        watch.wait(END_S)
        s.note(number.name, (watch.code, watch.stderr, s.ask()))
    s.watch()
    s.open("bc")
    s.over()


@_story(0, "success", slots=1, root=1)
def after(s: Stage) -> None:
    """Watched when all is over: it ends at once."""
    s.write(job("A", "nap.sh 0"))
    s.submit()
    s.gone()
    s.watch().wait(END_S)
    s.until("one more look", lambda m: True)
