"""``stampede plot``: pictures of a run as SVG."""

from __future__ import annotations

import os

import click

from stampede.cli import options, output
from stampede.cli.naming import workflows_of
from stampede.cli.picturing import Frame, deliver, folder_of, gathered, judged, subject_of, write_whole
from stampede.export.pictures.draw import drawings, stacked
from stampede.export.pictures.failures import bars_of
from stampede.export.pictures.sheet import LEAST_WIDTH, WIDTH
from stampede.query.pictures.album import KINDS, Kind
from stampede.query.pictures.lanes import LANES_BY, By


@click.command(
    epilog=options.example(
        "stampede plot gantt runs/run0001 -o gantt.svg",
        "stampede plot hosts diamond --since 2026-11-21T21:00Z > hosts.svg",
        "stampede plot all runs/run0001 -o pictures/",
    )
)
@click.argument("kind", type=click.Choice((*KINDS, "all")))
@click.argument("name", required=False, metavar="[WORKFLOW]")
@click.option(
    "--output", "-o", "target", metavar="FILE|FOLDER/|-", default="-", show_default=True,
    help="Write there; into a folder, a file for each picture.",
)  # fmt: skip
@click.option("--by", type=click.Choice(LANES_BY), default="job", show_default=True, help="Rows of the Gantt picture.")
@click.option("--since", type=options.Moment(), help="Only what was after that time.")
@click.option("--until", type=options.Moment(), help="Only what was before that time.")
@click.option("--sub/--no-sub", default=True, show_default=True, help="Jobs of sub-workflows too.")
@click.option("--width", type=click.IntRange(LEAST_WIDTH, 8000), default=WIDTH, show_default=True, help="Pixels.")
@options.database
@options.as_json
@options.as_of
@options.common
def plot(
    kind: str, name: str | None, target: str, by: By, since: float | str | None, until: float | str | None, sub: bool,
    width: int, db: str | None, json_: bool, as_of: float | str | None,
) -> None:  # fmt: skip
    """Draw a run as SVG.

    \b
    gantt      what ran when: every try with its phases; lanes where there are too many
    hosts      which machine ran what, and where it had nothing to do
    jobs       how many jobs were ready, queued, running, done and failed over time
    breakdown  tries and time of each transformation
    failures   when, where and why tries failed
    runtimes   how run times of each transformation are distributed
    all        all of them

    What failed is hatched and marked with a cross. --json gives the data behind the picture instead.
    """
    at = options.time_of(as_of)
    kinds: tuple[Kind, ...] = tuple(k for k in KINDS if kind in (k, "all"))
    frame = Frame(
        since_ts=options.time_of(since), until_ts=options.time_of(until), at_ts=at, by=by, sub=sub, width=width
    )
    with workflows_of(db, name, at) as (reader, roots):
        album = gathered(reader, roots, frame, kinds)
        if json_:
            output.print_json(album)
            return
        subject = subject_of(reader, roots)
        causes = bars_of(judged(reader, roots)) if "failures" in kinds else []
    drawn = drawings(album, subject, causes, width=width)
    if target.endswith(os.sep) or os.path.isdir(target):
        _into_folder(target, {k: d.svg() for k, d in drawn.items()})
    elif len(drawn) == 1:
        deliver(next(iter(drawn.values())).svg(), target)
    else:
        deliver(stacked(list(drawn.values()), subject.label), target)


def _into_folder(target: str, pictures: dict[Kind, str]) -> None:
    folder = folder_of(target)
    for kind, svg in pictures.items():
        write_whole(folder / f"{kind}.svg", svg)
    output.hint(f"{', '.join(f'{kind}.svg' for kind in pictures)} in {folder}")
