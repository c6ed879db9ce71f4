"""Tries made up for collectors."""

from __future__ import annotations

from hypothesis import strategies as st

from stampede.query.pictures.tries import DrawnTry
from stampede.query.pictures.window import Window

WINDOW = Window(start_ts=1000.0, end_ts=2000.0, now_ts=2000.0)


def a_try(
    number: int = 1, *, begin: float = 1000.0, queue: float | None = None, run: float | None = None,
    end: float | None = None, over: float | None = None, failed: bool | None = False, transformation: str = "sort",
    host: str = "node1", runtime: float | None = None, whole: bool = False, exitcode: int | None = 0,
) -> DrawnTry:  # fmt: skip
    """A try; edges that are not given follow each other at once, and the run lasts 10 s."""
    queue = begin if queue is None else queue
    run = queue if run is None else run
    end = run + 10 if end is None else end
    return DrawnTry(
        number, number, 1, f"job{number}", transformation, host, "pool", begin, queue, run, end,
        end if over is None else over, failed, True, runtime, exitcode, whole,
    )  # fmt: skip


#: tries whose edges are in order, within the window and around it
tries = st.builds(
    lambda edges, failed, kind, host: a_try(
        begin=edges[0], queue=edges[1], run=edges[2], end=edges[3], over=edges[4], failed=failed, transformation=kind,
        host=host, exitcode=256 if failed else 0,
    ),
    st.lists(st.floats(0, 3000), min_size=5, max_size=5).map(sorted), st.sampled_from([True, False, None]),
    st.sampled_from("abcdef"), st.sampled_from(["n1", "n2", "n3"]),
)  # fmt: skip
