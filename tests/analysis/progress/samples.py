"""Small workflows for the forecasts: what is left of a chain, a fan, and how jobs have gone."""

from __future__ import annotations

from stampede.query.remaining import Left, Past, Remaining

NOW = 1_000_000.0


def left(
    name: str, kind: str = "compute work_#", *, phase: str = "unready", since: float | None = None, waiting: int = 0,
    children: list[int] | None = None, tries_left: int = 0, pooled: bool = True,
) -> Left:  # fmt: skip
    """A node; ``since`` in seconds before NOW, children by place."""
    ts = None if since is None else NOW - since
    return Left(
        name=name, kind=kind, pooled=pooled, phase=phase, since_ts=ts,
        execute_ts=ts if phase == "running" else None, tries_left=tries_left, waiting=waiting, children=children or [],
    )  # fmt: skip


def past(
    took: float, *, kind: str = "compute work_#", ago: float = 500.0, wait: float = 1.0, failed: bool = False,
    ready: bool = True, finish: float = 1.0, interrupted: bool = False, pooled: bool = True,
) -> Past:  # fmt: skip
    """A try that was submitted ``ago`` seconds before NOW, a second after it was ready."""
    submit = NOW - ago
    end = submit + wait + took
    return Past(
        kind=kind, pooled=pooled, failed=failed, interrupted=interrupted, ready_ts=submit - 1.0 if ready else None,
        submit_ts=submit, execute_ts=submit + wait, end_ts=end, done_ts=end + finish,
    )  # fmt: skip


def rest(nodes: list[Left], tries: list[Past], done: dict[str, int] | None = None) -> Remaining:
    """What is left when these nodes are, and these tries have ended."""
    counts: dict[str, tuple[float, float]] = {}
    pooled: dict[str, bool] = {}
    for n in nodes:
        was = counts.get(n.kind, (0.0, 0.0))
        counts[n.kind] = (was[0], was[1] + 1)
        pooled[n.kind] = n.pooled
    for p in tries:
        was = counts.get(p.kind, (0.0, 0.0))
        counts[p.kind] = (was[0] + (not p.failed), was[1])
        pooled[p.kind] = p.pooled
    for kind, n_done in (done or {}).items():
        counts[kind] = (n_done, counts.get(kind, (0.0, 0.0))[1])
        pooled.setdefault(kind, True)
    return Remaining(whole=True, nodes_left=len(nodes), left=nodes, past=tries, kinds=counts, pooled=pooled)


def chain(n: int) -> list[Left]:
    """Nodes one after the other, the first of which is ready."""
    return [
        left(f"n{i}", phase="ready" if i == 0 else "unready", since=1.0 if i == 0 else None,
             waiting=int(i > 0), children=[i + 1] if i + 1 < n else [])
        for i in range(n)
    ]  # fmt: skip


def fan(n: int) -> list[Left]:
    """Nodes that are all ready."""
    return [left(f"n{i}", phase="ready", since=1.0) for i in range(n)]
