"""A real HTCondor pool: commands of its user, its queue and its history as HTCondor itself tells them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

#: what is asked of each job, in the queue and in the history
_ATTRIBUTES = (
    "ClusterId", "JobStatus", "DAGManJobId", "DAGNodeName", "Arguments", "Iwd", "HoldReason", "ExitCode",
    "ExitBySignal", "NumHolds", "NumJobStarts", "DAG_AdUpdateTime", "DAG_NodesTotal", "DAG_NodesDone",
    "DAG_NodesFailed", "DAG_NodesFutile", "DAG_NodesReady", "DAG_NodesUnready", "DAG_NodesPrerun", "DAG_NodesQueued",
    "DAG_NodesPostrun",
)  # fmt: skip

#: JobStatus
IDLE, RUNNING, REMOVED, COMPLETED, HELD, TRANSFERRING = 1, 2, 3, 4, 5, 6

Ad = dict[str, Any]


class PoolError(Exception):
    """A command of the pool failed: nothing can be said about Stampede then."""


class Pool:
    """Commands run as the user of the pool; ``home`` is where that user may write, as seen from here."""

    def __init__(self, prefix: list[str], home: Path, inside: str) -> None:
        self.prefix = prefix
        self.home = home
        self._inside = inside

    def run(self, command: str, *, check: bool = True) -> str:
        """What a shell command of the user prints; raises PoolError when it fails and ``check``."""
        done = subprocess.run([*self.prefix, command], capture_output=True, text=True, timeout=120)
        if check and done.returncode:
            raise PoolError(f"{command}: exit {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def inside(self, path: Path) -> str:
        """A path below ``home`` as the pool names it."""
        return f"{self._inside}/{path.relative_to(self.home)}"

    def give(self, folder: Path) -> None:
        """Make all below ``folder`` the user's own."""
        owner = self.home.stat()
        for path in (folder, *folder.rglob("*")):
            if path.stat().st_uid != owner.st_uid:
                os.chown(path, owner.st_uid, owner.st_gid)

    def queue(self) -> list[Ad]:
        """All jobs in the queue."""
        return self._ads(f"condor_q -allusers -json -attributes {','.join(_ATTRIBUTES)}")

    def history(self, folder: str) -> list[Ad]:
        """Jobs that were submitted in a folder and have left the queue, oldest first."""
        ads = self._ads(f"condor_history -json -attributes {','.join(_ATTRIBUTES)} -constraint 'Iwd == \"{folder}\"'")
        return sorted(ads, key=lambda ad: int(ad["ClusterId"]))

    def _ads(self, command: str) -> list[Ad]:
        text = self.run(command).strip()
        ads: list[Ad] = json.loads(text) if text else []
        return ads


def find_pool(shared: Path | None) -> Pool | str:
    """The pool of this machine, else that of the shared folder; a string says why there is none.

    In a pool of this machine the runs lie below the user's home, or below what STAMPEDE_POOL_HOME names; jobs must see
    the same files.
    """
    if shutil.which("condor_submit_dag"):
        home = Path(os.environ.get("STAMPEDE_POOL_HOME", Path.home()))
        pool = Pool(["bash", "-c"], home, str(home))
    else:
        script = shared / "pool" / "pool" if shared is not None else None
        if script is None or not script.is_file():
            return "there is no condor_submit_dag and no pool in the shared folder"
        found = subprocess.run([str(script), "home"], capture_output=True, text=True)
        home = Path(found.stdout.strip() or "/nowhere")
        if found.returncode or not home.is_dir():
            return "the pool in the shared folder was not made yet (`pool up` makes it)"
        pool = Pool([str(script), "run"], home, "")
    try:
        if not pool.run("condor_status -af Name").strip():
            return "the pool has no slot"
        if not pool._inside:
            pool._inside = pool.run("echo $HOME").strip()
        pool.queue()
    except (PoolError, subprocess.TimeoutExpired, ValueError) as e:
        return f"the pool does not answer ({str(e).strip().splitlines()[0]})"
    return pool
