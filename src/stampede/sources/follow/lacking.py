"""Submit files that were not there when the plan was told: DAGMan reads them when their nodes are ready, not before."""

from __future__ import annotations

import os
import time
from itertools import islice

from stampede.events import catalogue as ev
from stampede.events.base import Event

#: they are looked for so often, in seconds, and so many at a time
_AGAIN_S, _MANY = 2.0, 200


class Lacking:
    """Those of one DAG: which nodes are described by each, and what is to be said of those that never come."""

    def __init__(self) -> None:
        self.due = float("inf")
        self._nodes: dict[str, list[str]] = {}
        self._problems: dict[str, ev.Problem] = {}
        #: nodes whose files have come, to be declared anew
        self._late: list[str] = []

    def __len__(self) -> int:
        return len(self._nodes)

    def add(self, path: str, node: str) -> None:
        """The submit file of a node is not at that path."""
        self._nodes.setdefault(path, []).append(node)
        self.due = min(self.due, time.monotonic() + _AGAIN_S)

    def hold_back(self, path: str, name: str, problems: list[Event]) -> list[Event]:
        """The problems but for what they say of the submit file of that name: it waits for the end of the run."""
        for problem in problems:
            if isinstance(problem, ev.Problem) and problem.file == name and problem.kind == "missing_file":
                self._problems[path] = problem
        held = self._problems.get(path)
        return [p for p in problems if p is not held]

    def came(self, path: str) -> None:
        """The file is there."""
        self._problems.pop(path, None)
        self._late += self._nodes.pop(path, ())

    def look(self) -> None:
        """See whether some of them have come."""
        for path in list(islice(self._nodes, _MANY)):
            if os.path.exists(path):
                self.came(path)
            else:
                self._nodes[path] = self._nodes.pop(path)  # behind the others
        self.due = time.monotonic() + _AGAIN_S if self._nodes else float("inf")

    def look_at_all(self) -> None:
        """See for the last time which of them have come."""
        for path in [path for path in {**self._nodes, **self._problems} if os.path.exists(path)]:
            self.came(path)
        self.due = float("inf")

    def late(self) -> list[str]:
        """Nodes whose submit files have come since the last call."""
        late, self._late = self._late, []
        return late

    def problems(self) -> list[ev.Problem]:
        """What is to be said of those that did not come."""
        return list(self._problems.values())
