"""The head of a report: how the run stands, in words and as a bar."""

from __future__ import annotations

from datetime import UTC, datetime

from stampede.export.report.html import Html, element, joined, name
from stampede.export.report.run import Run
from stampede.query.status import WorkflowStatus
from stampede.words import count, duration

#: state -> class of its colour, mark
MARKS = {
    "success": ("good", "✓"), "failed": ("bad", "✗"), "removed": ("bad", "✗"), "lost": ("bad", "✗"),
    "running": ("busy", "▶"), "halted": ("busy", "❚❚"),
}  # fmt: skip


def badge(state: str) -> Html:
    """The state as a word with a mark."""
    kind, mark = MARKS.get(state, ("muted", "·"))
    return element("span", f"{mark} {state}", class_=f"badge {kind}")


def header(run: Run) -> Html:
    """Who it is, how far it is, when and where."""
    s = run.root
    parts = [
        element("h1", name(run.subject.label), " ", badge(s.state)),
        element("p", f"{run.subject.sentence[:1].upper()}{run.subject.sentence[1:]}."),
        bar(s),
        element("p", _counts(s), class_="muted"),
    ]
    if s.reason:
        parts.append(element("p", s.reason))
    return element("header", *parts, facts(_rows(run)))


def bar(s: WorkflowStatus) -> Html:
    """Done, at work, failed and futile, to scale."""
    n = s.nodes
    shares = (("done", n.done), ("active", n.pre + n.queued + n.post), ("failed", n.failed), ("futile", n.futile))
    total = max(n.total, sum(c for _, c in shares), 1)
    inner = joined(Html(f'<i class="{kind}" style="width:{100 * c / total:.3f}%"></i>') for kind, c in shares if c)
    return element("div", inner, class_="bar", role="img", aria_label=f"{s.percent_done:.0f} % done")


def _counts(s: WorkflowStatus) -> str:
    a = s.attempts
    tries = count(a.tries, "try", "tries") + (f", {a.failed:,} of them failed" if a.failed else "")
    rest = [count(n, word) for n, word in (
        (a.holds, "hold"), (a.evictions, "eviction"), (s.restart_count, "restart"),
    ) if n]  # fmt: skip
    percent = s.percent_done if s.percent_done == 100 else min(s.percent_done, 99.9)
    return "; ".join((f"{percent:.1f} % done", tries, *rest)) + "."


def _rows(run: Run) -> list[tuple[str, object]]:
    s, e = run.root, run.environment
    rows: list[tuple[str, object]] = []
    if s.started_ts is not None:
        until = f" to {utc(s.last_ts)}" if s.last_ts is not None else ""
        so_far = " so far" if s.state == "running" else ""
        rows.append(("time", f"{utc(s.started_ts)}{until}, {duration(s.duration_s)}{so_far}"))
    if run.as_of_ts is not None:
        rows.append(("as of", utc(run.as_of_ts)))
    where = " on ".join(x for x in (e.submit_dir, e.submit_hostname) if x)
    if where:
        rows.append(("folder", name(where)))
    if e.user:
        rows.append(("user", name(e.user)))
    rows.append(("uuid", element("code", s.wf_uuid)))
    return rows


def facts(rows: list[tuple[str, object]]) -> Html:
    """Names and values."""
    return element("dl", *(joined((element("dt", k), element("dd", v))) for k, v in rows), class_="facts")


def utc(ts: float | None) -> str:
    """``2026-11-21 21:13:11 UTC``; ``-`` for None or a time no calendar has. A page is read anywhere: zones would
    mislead."""
    if ts is None:
        return "-"
    try:
        return f"{datetime.fromtimestamp(ts, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, OSError, ValueError):
        return "-"
