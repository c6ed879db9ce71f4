"""The page of many runs: a card for each, by label, with the trend of each label."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from stampede.export.pictures.jobs import thumbnail
from stampede.export.pictures.sheet import Subject
from stampede.export.report.header import badge, utc
from stampede.export.report.html import Html, element, joined, name, page
from stampede.export.svg.drawing import Drawing
from stampede.export.svg.shapes import cross
from stampede.query.pictures.states import JobStates
from stampede.query.status import WorkflowStatus
from stampede.words import count, duration

#: state -> class of the style sheet
_COLOURS = {"success": "done", "failed": "fail", "removed": "fail", "lost": "fail"}
_TREND_WIDTH = 420.0
_TREND_HEIGHT = 70.0


class Card(msgspec.Struct, kw_only=True):
    """A run in the gallery; ``file`` is its report, beside the page of the gallery."""

    file: str
    subject: Subject
    status: WorkflowStatus
    jobs: JobStates


def render_gallery(cards: Sequence[Card], left_out: Sequence[str], *, version: str, made_ts: float) -> str:
    """The page: labels whose runs were latest first; ``left_out`` says of runs or databases why they are not there."""
    by_label: dict[str, list[Card]] = {}
    for card in sorted(cards, key=lambda c: -(c.status.started_ts or 0)):
        by_label.setdefault(card.subject.label, []).append(card)
    parts = [element("h1", "Runs"), element("p", _words(cards, by_label), class_="muted")]
    parts += [_label(i, label, runs) for i, (label, runs) in enumerate(by_label.items())]
    if left_out:
        summary = element("summary", f"Not shown: {len(left_out):,}")
        parts.append(element("details", summary, element("ul", *(element("li", why) for why in left_out))))
    foot = element("footer", f"Made by Stampede {version}, {utc(made_ts)}. All times are UTC.")
    return page("Runs", joined((element("main", *parts), foot), "\n"))


def _words(cards: Sequence[Card], by_label: dict[str, list[Card]]) -> str:
    states: dict[str, int] = {}
    for card in cards:
        states[card.status.state] = states.get(card.status.state, 0) + 1
    told = ", ".join(f"{n:,} {state}" for state, n in sorted(states.items(), key=lambda item: -item[1]))
    return f"{count(len(cards), 'run')} of {count(len(by_label), 'workflow')}" + (f": {told}." if told else ".")


def _label(number: int, label: str, runs: list[Card]) -> Html:
    trend = _trend(number, label, runs) if len(runs) > 1 else Html("")
    return element("section", element("h2", name(label)), trend, *(_run(card) for card in runs))


def _run(card: Card) -> Html:
    s = card.status
    small = Html(thumbnail(card.jobs, card.subject).svg(styled=False))
    title = element("h3", element("a", utc(s.started_ts), href=card.file), " ", badge(s.state))
    told = [f"{duration(s.duration_s)}; {s.nodes.done:,} of {s.nodes.total:,} jobs done"]
    if s.attempts.failed:
        told.append(f"{s.attempts.failed:,} of {count(s.attempts.tries, 'try', 'tries')} failed")
    lines = [title, element("p", ", ".join(told) + "."), element("p", name(s.submit_dir or s.wf_uuid), class_="muted")]
    return element("article", element("div", small, class_="thumb"), element("div", *lines), class_="run")


def _trend(number: int, label: str, runs: list[Card]) -> Html:
    """How long each run took, in the order in which they began; those that failed hatched and crossed."""
    ordered = sorted(runs, key=lambda c: c.status.started_ts or 0)[-60:]
    longest = max((c.status.duration_s or 0.0) for c in ordered) or 1.0
    words = f"{label}: duration of {len(ordered)} runs, the longest {duration(longest)}"
    drawing = Drawing(f"trend{number}", _TREND_WIDTH, words, "from left to right in the order in which they began")
    drawing.height = _TREND_HEIGHT + 20
    pitch = min(40.0, _TREND_WIDTH / len(ordered))
    base = _TREND_HEIGHT
    for i, card in enumerate(ordered):
        s = card.status
        high = max((s.duration_s or 0.0) / longest * (_TREND_HEIGHT - 14), 1.5)
        x, wide = i * pitch + 1, pitch - 2
        tip = f"{utc(s.started_ts)}: {s.state}, {duration(s.duration_s)}"
        drawing.rect(x, base - high, wide, high, _COLOURS.get(s.state, "run"), tip=tip)
        if _COLOURS.get(s.state) == "fail":
            drawing.path(cross(x + wide / 2, base - high - 6, min(7.0, pitch)), "cross")
    drawing.line(0, base, _TREND_WIDTH, base, "axis")
    well = sum(c.status.state == "success" for c in ordered)
    told = f"duration of each of {len(ordered)} runs, longest {duration(longest)}; {well} went well"
    drawing.text(0, base + 15, told, "muted small")
    return element("div", Html(drawing.svg(styled=False)), class_="trend")
