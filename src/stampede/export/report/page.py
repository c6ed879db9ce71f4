"""The report of one run."""

from __future__ import annotations

from stampede.export.pictures.draw import drawings
from stampede.export.pictures.failures import CauseBar
from stampede.export.report import tables
from stampede.export.report.causes import causes, going_on
from stampede.export.report.header import header, utc
from stampede.export.report.html import Html, element, joined, page
from stampede.export.report.run import Run
from stampede.export.svg.drawing import Drawing

_ZOOM = (("2", "+", "larger"), ("0.5", "−", "smaller"), ("0", "⟲", "as it was"))


def render(run: Run, cause_bars: list[CauseBar], *, width: int) -> str:
    """The page. Everything is in it: style, script, pictures."""
    sections = [
        causes(run),
        going_on(run),
        _pictures(list(drawings(run.album, run.subject, cause_bars, width=width).values())),
        _statistics(run),
        tables.workflows(run),
        tables.jobs(run),
        tables.environment(run),
    ]
    links = [("why", "Why"), ("next", "How to go on"), ("pictures", "Pictures"), ("statistics", "Statistics"),
             *([("workflows", "Workflows")] if len(run.workflows) > 1 else []), ("jobs", "Jobs"),
             ("environment", "Environment")]  # fmt: skip
    nav = element("nav", element("ul", *(element("li", element("a", word, href=f"#{id_}")) for id_, word in links)),
                  aria_label="Sections")  # fmt: skip
    foot = element("footer", f"Made by Stampede {run.version}, {utc(run.made_ts)}. All times are UTC.")
    body = joined((header(run), nav, element("main", *sections), foot), "\n")
    return page(f"{run.subject.label}: {run.root.state}", body)


def _pictures(drawn: list[Drawing]) -> Html:
    return element("section", element("h2", "Pictures", id="pictures"), *(_figure(d) for d in drawn))


def _figure(drawing: Drawing) -> Html:
    view = element("div", Html(drawing.svg(styled=False)), class_="view", tabindex="0")
    buttons = (element("button", sign, type="button", data_zoom=factor, title=word, aria_label=word)
               for factor, sign, word in _ZOOM)  # fmt: skip
    return element("figure", view, element("div", *buttons, class_="zoom"))


def _statistics(run: Run) -> Html:
    return element(
        "section", element("h2", "Statistics", id="statistics"), tables.statistics(run), tables.machines(run)
    )
