"""The forest as lines: workflows with those below them folded away or not, sorted and filtered.

A folded line counts what it hides, so that trouble below is seen without unfolding; an unfolded one has its own
numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import msgspec

from stampede.query.overview import Glance
from stampede.query.status import Nodes
from stampede.tui.news import is_trouble, severity

#: a workflow with at most so many below it begins unfolded
SMALL: Final = 20
_DEEPEST: Final = 32


class Sums(msgspec.Struct):
    """Counts of one workflow, or of it and all below it; ``rate`` in nodes done per minute, None when unknown."""

    nodes: Nodes
    running: int = 0
    idle: int = 0
    held: int = 0
    rate: float | None = None
    last_ts: float | None = None


class Branch(msgspec.Struct):
    """A workflow with what is below it: own counts, counts of all, how many there are, and the worst of them."""

    glance: Glance
    own: Sums
    all: Sums
    branches: list[Branch]
    below: int
    worst: Glance
    trouble: bool

    @property
    def uuid(self) -> str:
        return self.glance.status.wf_uuid


def grow(glances: list[Glance], rates: dict[int, float]) -> list[Branch]:
    """The roots among the workflows, each with all below it."""
    known = {s.status.wf_uuid for s in glances}
    below: dict[str | None, list[Glance]] = {}
    for s in glances:
        below.setdefault(s.status.parent_wf_uuid if s.status.parent_wf_uuid in known else None, []).append(s)
    return [_branch(s, below, rates, 0) for s in below.get(None, [])]


def _branch(s: Glance, below: dict[str | None, list[Glance]], rates: dict[int, float], depth: int) -> Branch:
    inner = below.get(s.status.wf_uuid, []) if depth < _DEEPEST else []
    branches = [_branch(c, below, rates, depth + 1) for c in inner]
    w = s.status
    own = Sums(w.nodes, w.running, w.idle, w.held, rates.get(s.wf_id), w.last_ts)
    worst = max((s, *(b.worst for b in branches)), key=severity)
    return Branch(
        s, own, _added(own, [b.all for b in branches]) if branches else own, branches,
        len(branches) + sum(b.below for b in branches), worst, is_trouble(s) or any(b.trouble for b in branches),
    )  # fmt: skip


def _added(own: Sums, others: list[Sums]) -> Sums:
    parts = [own, *others]
    known = [p.rate for p in parts if p.rate is not None]
    nodes = (sum(getattr(p.nodes, name) for p in parts) for name in Nodes.__struct_fields__)
    return Sums(
        Nodes(*nodes), sum(p.running for p in parts), sum(p.idle for p in parts), sum(p.held for p in parts),
        sum(known) if known else None, max((p.last_ts for p in parts if p.last_ts is not None), default=None),
    )  # fmt: skip


def _percent(b: Branch) -> float:
    return b.all.nodes.done / b.all.nodes.total if b.all.nodes.total else 0.0


#: what the forest is sorted by -> the key, smallest first; as it begins, lines keep their places while workflows run
SORTS: Final[dict[str, Callable[[Branch], Any]]] = {
    "running": lambda b: (b.glance.status.state != "running", -(b.glance.status.started_ts or 0)),
    "name": lambda b: b.glance.status.label or b.glance.status.dag or b.uuid,
    "failed": lambda b: (-b.all.nodes.failed, -b.all.held),
    "progress": _percent,
    "last": lambda b: -(b.all.last_ts or 0),
}


class View(msgspec.Struct):
    """What of the forest is wanted: order, filter, and the workflows that are not as they begin (folded or not).

    ``everything`` unfolds all (True) or folds all (False).
    """

    sort: str = "running"
    only_failing: bool = False
    text: str = ""
    toggled: set[str] = set()
    everything: bool | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for views that show the same."""
        return self.sort, self.only_failing, self.text, frozenset(self.toggled), self.everything

    def is_open(self, b: Branch) -> bool:
        """Whether what is below a workflow is shown."""
        if not b.branches:
            return False
        begins = b.below <= SMALL if self.everything is None else self.everything
        return begins != (b.uuid in self.toggled) or bool(self.text)

    def toggle(self, uuid: str) -> None:
        """Fold or unfold."""
        self.toggled ^= {uuid}

    def all(self, unfolded: bool) -> None:
        """Fold or unfold everything."""
        self.everything, self.toggled = unfolded, set()


class Line(msgspec.Struct):
    """A line of the forest: a workflow at a depth, or what is to be said of a database (``fault``).

    ``guide`` are the strokes before its name. ``stale``: its database could not be read again.
    """

    url: str
    branch: Branch | None = None
    depth: int = 0
    opened: bool = False
    guide: str = ""
    stale: bool = False
    fault: str = ""

    @property
    def sums(self) -> Sums:
        assert self.branch is not None
        return self.branch.own if self.opened else self.branch.all

    @property
    def name(self) -> tuple[str, str]:
        """What stays the same when it is drawn again."""
        return self.url, self.branch.uuid if self.branch else ""


class Root(msgspec.Struct):
    """A root workflow and the database it is in; ``stale``: that could not be read again."""

    url: str
    branch: Branch
    stale: bool = False


def lines(roots: Iterable[Root], view: View) -> Iterator[Line]:
    """The lines of the workflows of all databases, in one order."""
    known = {id(r.branch): r for r in roots}
    for branch in _ordered((r.branch for r in known.values()), view):
        root = known[id(branch)]
        yield from _lines(root.url, branch, view, root.stale, "", "", 0)


def _lines(url: str, b: Branch, view: View, stale: bool, guide: str, deeper: str, depth: int) -> Iterator[Line]:
    opened = view.is_open(b)
    yield Line(url, b, depth, opened, guide, stale)
    if opened:
        inner = _ordered(b.branches, view)
        for i, child in enumerate(inner):
            last = i == len(inner) - 1
            yield from _lines(url, child, view, stale, deeper + ("└─" if last else "├─"),
                              deeper + ("  " if last else "│ "), depth + 1)  # fmt: skip


def _ordered(branches: Iterable[Branch], view: View) -> list[Branch]:
    found = [b for b in branches if (not view.only_failing or b.trouble) and _matches(b, view.text.lower())]
    return sorted(found, key=SORTS[view.sort])


def _matches(b: Branch, text: str) -> bool:
    """Whether the text is in its name, its folder or uuid, or in those of one below it."""
    if not text:
        return True
    s = b.glance.status
    told = f"{s.label or ''}\n{s.dag or ''}\n{s.parent_job or ''}\n{s.submit_dir or ''}\n{s.wf_uuid}".lower()
    return text in told or any(_matches(inner, text) for inner in b.branches)
