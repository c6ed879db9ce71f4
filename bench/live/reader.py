"""A process that reads the database all the time, as a program of a user would, and remembers when it saw each row.

    python -m bench.live.reader DATABASE

It looks for rows of ``jobstate`` that are new every few milliseconds (``LOOK_S``), with a read-only connection of its
own, and once a second asks what a user asks: how far all workflows are, what runs, what failed, what happened last.
Commands as with the writer: ``count``, ``save``.
"""

from __future__ import annotations

import json
import pickle
import select
import sqlite3
import sys
import time
from array import array
from pathlib import Path
from typing import Any

from bench.live.lines import STATES

LOOK_S = 0.005
ASK_S = 1.0

_NEWS = "SELECT rowid, job_instance_id, state FROM jobstate WHERE rowid > ? ORDER BY rowid"
_QUESTIONS = (
    "SELECT w.wf_uuid, w.state, w.last_ts, s.* FROM workflow w JOIN workflow_summary s USING (wf_id) LIMIT 50",
    "SELECT wf_id, exec_job_id, node_state_ts FROM job WHERE wf_id = 1 AND node_state = 'queued' LIMIT 50",
    "SELECT j.exec_job_id, i.exitcode, i.stderr_text FROM job j JOIN job_instance i"
    " ON i.job_instance_id = j.last_job_instance_id WHERE j.wf_id = 1 AND j.node_state = 'failed' LIMIT 50",
    "SELECT i.state, i.state_ts, i.site, h.hostname FROM job_instance i LEFT JOIN host h USING (host_id)"
    " ORDER BY i.job_instance_id DESC LIMIT 50",
)
#: states that the reader saw but nobody knows
OTHER = len(STATES)


class Reader:
    """One connection, and what was seen with it."""

    def __init__(self, database: str) -> None:
        self._uri = f"{Path(database).resolve().as_uri()}?mode=ro"
        self._connection: sqlite3.Connection | None = None
        self._last = 0
        self._asked = 0.0
        self._codes = {name: code for code, name in enumerate(STATES)}
        self.instance = array("L")
        self.state = array("B")
        self.time = array("d")
        self.answer_s = array("d")
        self.longest_look_s = 0.0
        self.troubles: list[str] = []

    def look(self) -> None:
        """See what is new."""
        began = time.monotonic()
        try:
            if self._connection is None:
                self._connection = sqlite3.connect(self._uri, uri=True, timeout=5, isolation_level=None)
            rows = self._connection.execute(_NEWS, (self._last,)).fetchall()
            if began - self._asked > ASK_S:
                self._ask(self._connection)
        except sqlite3.Error as e:
            if self._last:
                self.troubles.append(str(e))
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            return
        now = time.monotonic()
        self.longest_look_s = max(self.longest_look_s, now - began)
        for rowid, instance, state in rows:
            self._last = rowid
            self.instance.append(instance)
            self.state.append(self._codes.get(state, OTHER))
            self.time.append(now)

    def _ask(self, connection: sqlite3.Connection) -> None:
        self._asked = began = time.monotonic()
        for question in _QUESTIONS:
            connection.execute(question).fetchall()
        self.answer_s.append(time.monotonic() - began)

    def do(self, command: dict[str, Any]) -> dict[str, Any]:
        """Carry out one command."""
        if command["do"] == "save":
            self._save(command["path"])
        return {"rows": len(self.time)}

    def _save(self, path: str) -> None:
        with sqlite3.connect(self._uri, uri=True) as connection:
            tries = connection.execute(
                "SELECT i.job_instance_id, w.found_dir, i.job_submit_seq FROM job_instance i JOIN job j USING (job_id)"
                " JOIN workflow w USING (wf_id)"
            ).fetchall()
        with open(path, "wb") as file:
            pickle.dump(
                (tries, self.instance, self.state, self.time, self.answer_s, self.longest_look_s, self.troubles), file
            )


def main() -> None:
    """Look and look, and obey."""
    reader = Reader(sys.argv[1])
    while True:
        if select.select([sys.stdin], [], [], LOOK_S)[0]:
            line = sys.stdin.readline()
            if not line:
                return
            print(json.dumps(reader.do(json.loads(line))), flush=True)
        reader.look()


if __name__ == "__main__":
    main()
