"""What happens to DAGMan: killed without a word, and started again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from .catalogue import fault
from .lab import SILENT, Lab, Outcome
from .player import Pace


def _status(lab: Lab) -> dict[str, Any]:
    answer = lab.stampede("status", str(lab.folder), "--db", lab.url, "--json")
    found = json.loads(answer.stdout)
    workflows: list[dict[str, Any]] = (
        found["workflows"] if isinstance(found, dict) and "workflows" in found else [found]
    )
    return workflows[0]


def _second_start(lab: Lab) -> int:
    """The step with which DAGMan begins for the second time."""
    starts = [
        at for at, step in enumerate(lab.script.steps) if step.log == lab.script.logs[0] and b"STARTING UP" in step.data
    ]
    return starts[1] - 1


def _alone(lab: Lab) -> None:
    """There is no log of DAGMan's job, which would tell of its end or of HTCondor starting it again."""
    lab.script.steps[:] = [s for s in lab.script.steps if not s.log.endswith(".dagman.log")]


def _die(lab: Lab, at: int) -> None:
    """Play so far, and DAGMan's process is gone."""
    lab.player.begin()
    lab.watch()
    lab.player.play(at / len(lab.script.steps))
    lab.caught_up()
    time.sleep(2)
    lab.dagman_ends()
    code = lab.watches[-1].wait()
    said = _status(lab)
    assert (code, said["state"]) == (1, "lost"), (code, said, lab.watches[-1].said())
    assert str(lab.player.pid) in (said["reason"] or ""), said


def _start_again(lab: Lab) -> Outcome:
    """A new DAGMan goes on in the same log; the watch is called again."""
    lab.dagman = subprocess.Popen(["sleep", "3600"], **SILENT)
    lab.player.pid = lab.dagman.pid
    lab.watch()
    lab.recover()
    outcome = lab.outcome(without=("workflow_event",), notes="a watch sees more of an engine that vanishes")
    assert _status(lab)["state"] == "success", _status(lab)
    return outcome


@fault("DAGMan killed, then recovered", "dm_w_schedd_restart", Pace(200, 5))
def killed_and_recovered(lab: Lab) -> Outcome:
    _alone(lab)
    _die(lab, _second_start(lab))
    return _start_again(lab)


@fault("DAGMan killed, then rescued", "dm_c_rescue", Pace(300, 5), long=True)
def killed_and_rescued(lab: Lab) -> Outcome:
    """The end of the first DAGMan is lost."""
    _alone(lab)
    start = _second_start(lab)
    middle = start // 2
    lab.script.steps[:] = (
        lab.script.steps[:middle]
        + [s for s in lab.script.steps[middle:start] if s.log != lab.script.logs[0]]
        + lab.script.steps[start:]
    )
    _die(lab, middle)
    return _start_again(lab)


@fault("DAGMan killed while no watch is there", "dm_w_schedd_restart", Pace(300, 5))
def killed_unseen(lab: Lab) -> Outcome:
    """Nobody saw the first DAGMan's process, and the watch begins when the second is at it."""
    lab.player.begin()
    lab.watch()
    lab.player.play(0.2)
    lab.caught_up()
    lab.watches[-1].kill()
    lab.player.play((_second_start(lab) + 20) / len(lab.script.steps))
    lab.watch()
    lab.recover()
    return lab.outcome()


@fault("DAGMan killed for good", "pg_hier_fail", Pace(600, 5))
def killed_for_good(lab: Lab) -> Outcome:
    """A program plays DAGMan; it is killed with jobs and sub-workflows under way, and nothing follows.
    That it is lost, a load cannot know."""
    root = Path(__file__).resolve().parents[2]
    program = [sys.executable, "-m", "tests.faults.player", str(lab.script.source), str(lab.folder), "600", "0.55"]
    paths = ":".join([str(root), str(root / "tests"), os.environ.get("PYTHONPATH", "")])
    lab.dagman_ends()
    lab.dagman = subprocess.Popen(program, cwd=root, env={**lab.env, "PYTHONPATH": paths}, **SILENT)
    lab.watch("--wait")
    lab.until(lambda: lab.written() and not (lab.folder / "playing").exists(), "the play")
    lab.caught_up()
    for log in lab.folder.rglob("*.dag.dagman.log"):
        log.unlink()
    time.sleep(2)
    lab.dagman_ends()
    code = lab.watches[-1].wait()
    said = _status(lab)
    assert (code, said["state"]) == (1, "lost"), (code, said)
    assert str(lab.dagman.pid) in said["reason"], said
    return Outcome(1, [lab.compare(("workflow_event", "workflow"))], lab.recoveries_s)
