"""Why: the causes that triage found, and how to go on."""

from __future__ import annotations

from stampede.analysis.triage import Cause
from stampede.export.report.header import facts, utc
from stampede.export.report.html import Html, element, joined, name
from stampede.export.report.run import Run
from stampede.words import clean, count, shortened

#: causes told in full
_MOST = 20
_LINES = 12


def causes(run: Run) -> Html:
    """What is wrong first, then what mended itself, then what can never run."""
    found = run.triage
    wrong = [c for c in found.causes if not c.resolved]
    mended = [c for c in found.causes if c.resolved]
    parts: list[Html] = [element("h2", "Why", id="why")]
    if not found.causes:
        parts.append(element("p", "Nothing is wrong." if run.root.state not in ("failed", "removed", "lost") else
                             "The logs name no cause. See the end of the .dag.dagman.out file."))  # fmt: skip
    elif not wrong:
        parts.append(element("p", "Nothing is wrong now."))
    parts += [_cause(c, f"{i}. ") for i, c in enumerate(wrong[:_MOST], 1)]
    if len(wrong) > _MOST:
        parts.append(element("p", f"{count(len(wrong) - _MOST, 'more cause')}: stampede triage tells all."))
    if mended:
        summary = element("summary", f"Mended by itself or over: {len(mended):,}")
        parts.append(element("details", summary, *(_cause(c, "") for c in mended[:_MOST])))
    if found.never_run:
        sample = joined((name(n) for n in found.never_run_sample[:10]), ", ")
        more = " and more" if found.never_run > 10 else ""
        parts.append(element("p", f"Can never run now: {count(found.never_run, 'job')}: ", sample, more, "."))
    return element("section", *parts)


def _cause(c: Cause, number: str) -> Html:
    where = joined((name(n) for n in c.nodes[:8]), ", ")
    more = f" and {len(c.nodes) - 8:,} more" if len(c.nodes) > 8 else ""
    title = f"{number}{c.title[:1].upper()}{c.title[1:]}{': ' if c.nodes else ''}"
    parts = [element("h3", title, where, more), element("p", clean(c.message)), facts(_facts(c))]
    if c.next_step and not c.resolved:
        parts.append(element("p", f"→ {c.next_step}", class_="next"))
    if c.sample_output.strip():
        lines, left = shortened(c.sample_output, _LINES, width=1000)
        told = f"Output of {c.sample_job}" + (f" (last {len(lines)} lines)" if left else "")
        parts += [element("p", told, class_="muted"), element("pre", "\n".join(lines), tabindex="0")]
    return element("div", *parts, class_="cause mended" if c.resolved else "cause")


def _facts(c: Cause) -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = []
    if c.first_ts is not None:
        until = f" to {utc(c.last_ts)}" if c.last_ts != c.first_ts else ""
        tries = f", {count(c.attempts, 'try', 'tries')}" if c.attempts else ""
        rows.append(("when", f"{utc(c.first_ts)}{until}{tries}"))
    if c.hosts:
        rows.append(("on", joined((name(h) for h in c.hosts[:6]), ", ")))
    rows += [("so", clean(consequence)) for consequence in c.consequences[:3]]
    if c.sample_files:
        rows.append(("files", joined((name(f) for f in c.sample_files), ", ")))
    if not c.retry_helps:
        rows.append(("retry", "trying again will not help"))
    return rows


def going_on(run: Run) -> Html:
    """What to do next, and which commands tell more."""
    steps = element("ol", *(element("li", s) for s in run.triage.next_steps), class_="steps")
    tell = element("ul", *(element("li", element("code", c.line), f" {c.tells}") for c in run.commands), class_="steps")
    parts = [element("h2", "How to go on", id="next"), *([steps] if run.triage.next_steps else []), tell]
    return element("section", *parts)
