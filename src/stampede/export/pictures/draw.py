"""Draw what an album holds."""

from __future__ import annotations

from collections.abc import Sequence

from stampede.export.pictures.breakdown import draw_breakdown
from stampede.export.pictures.failures import CauseBar, draw_failures
from stampede.export.pictures.gantt import draw_gantt
from stampede.export.pictures.hosts import draw_hosts
from stampede.export.pictures.jobs import draw_jobs
from stampede.export.pictures.runtimes import draw_runtimes
from stampede.export.pictures.sheet import WIDTH, Subject
from stampede.export.svg.drawing import Drawing, number, safe
from stampede.export.svg.palette import style
from stampede.query.pictures.album import Album, Kind


def drawings(
    album: Album, subject: Subject, causes: Sequence[CauseBar] = (), *, width: float = WIDTH
) -> dict[Kind, Drawing]:
    """The pictures of an album, by kind, in the order in which a report tells them."""
    found: dict[Kind, Drawing] = {}
    if album.jobs is not None:
        found["jobs"] = draw_jobs(album.jobs, subject, width=width)
    if album.gantt is not None:
        found["gantt"] = draw_gantt(album.gantt, subject, width=width)
    if album.failures is not None:
        found["failures"] = draw_failures(album.failures, subject, causes, width=width)
    if album.breakdown is not None:
        found["breakdown"] = draw_breakdown(album.breakdown, subject, width=width)
    if album.runtimes is not None:
        found["runtimes"] = draw_runtimes(album.runtimes, subject, width=width)
    if album.hosts is not None:
        found["hosts"] = draw_hosts(album.hosts, subject, width=width)
    return found


def stacked(drawings: Sequence[Drawing], title: str) -> str:
    """Several drawings, one below the other, as one SVG document."""
    width = max(d.width for d in drawings)
    parts, top = [], 0.0
    for drawing in drawings:
        parts.append(f'<g transform="translate(0 {number(top)})">{drawing.svg(styled=False)}</g>')
        top += drawing.height
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="picture" role="group" width="{number(width)}" '
        f'height="{number(top)}" viewBox="0 0 {number(width)} {number(top)}"><title>{safe(title)}</title>'
        f"<style>{style()}</style>{''.join(parts)}</svg>\n"
    )
