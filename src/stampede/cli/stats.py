"""``stampede stats``: what workflows add up to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

import click

from stampede.analysis.statistics.report import Statistics, each_workflow, statistics
from stampede.cli import options, output
from stampede.cli.stats_sums import Asked, check_names, gather, together

#: section -> what it holds
SECTIONS = {
    "summary": "Tasks, jobs and sub-workflows by outcome, time, retries, efficiency.",
    "workflows": "The counts of each workflow.",
    "transformations": "Invocations by transformation: runtime, memory, processor.",
    "phases": "Where the time of jobs went.",
    "efficiency": "Tries by type, transformation and site: outcomes, time, efficiency, cost of retries.",
    "hosts": "What ran on which machine.",
    "time": "What began on which day, or in which hour.",
    "integrity": "Checksums of files.",
    "jobs": "Every try of every job.",
}
#: with more blocks of jobs than this without kept sums it is worth to keep them
_MANY = 30
_DEFAULT = ("summary", "phases", "transformations")


@click.command(
    epilog=options.example(
        "stampede stats runs/run0001", "stampede stats run0001 run0002 --section all --csv stats",
        "stampede stats --all --section time --by hour", "stampede stats diamond --section jobs --csv - > jobs.csv",
    )
)  # fmt: skip
@click.argument("names", nargs=-1, metavar="[WORKFLOW]...")
@click.option("--all", "every", is_flag=True, help="All workflows of the database (without one: of the registry).")
@click.option("--per-workflow", "each", is_flag=True, help="Each workflow by itself, sub-workflows too.")
@click.option(
    "--section", "-s", "sections", multiple=True, type=click.Choice([*SECTIONS, "all"]),
    help="What to tell; may be given several times.  [default: " + ", ".join(_DEFAULT) + "]",
)  # fmt: skip
@click.option("--by", "unit", type=click.Choice(["day", "hour"]), default="day", show_default=True,
              help="Unit of the section time, in the local zone.")  # fmt: skip
@click.option("--by-host", is_flag=True, help="Section time: each machine by itself.")
@click.option("--csv", "folder", metavar="DIR|-", help="Write a CSV file a section into DIR, or all of it here (-).")
@options.database
@options.as_json
@options.as_of
@options.common
def stats(
    names: tuple[str, ...], every: bool, each: bool, sections: tuple[str, ...], unit: str, by_host: bool,
    folder: str | None, db: str | None, json_: bool, as_of: float | str | None,
) -> None:  # fmt: skip
    """What workflows add up to: outcomes, time, retries, efficiency, with all their sub-workflows.

    Several workflows (names as everywhere) are added up, whether they have ended or not. Percentiles are right to 1 %.
    Time of programs is times the multiplier factor of their job.
    """
    check_names(names, every)
    wanted = tuple(SECTIONS) if "all" in sections else tuple(s for s in SECTIONS if s in (sections or _DEFAULT))
    asked = Asked(
        names=names, every=every, db=db, at=options.time_of(as_of), each=each, sections=frozenset(wanted),
        by_host=by_host,
    )  # fmt: skip
    parts = gather(asked)
    start_of = day_of if unit == "day" else hour_of
    whole = statistics(together(parts), start_of)
    apart = [one for part in parts for one in each_workflow(part, start_of)] if each else []
    if folder is not None:
        from stampede.cli.stats_csv import write

        write(folder, asked, whole, apart, wanted)
    elif json_:
        from stampede.cli.stats_json import write_json

        write_json(asked, whole, apart, wanted)
    else:
        _print(asked, whole, apart, wanted, unit)
        if sum(part.missing for part in parts) > _MANY and asked.at is None:
            output.hint("Most of this was added up from the rows, which takes its time. Once and for all: "
                        "stampede db rebuild-summaries")  # fmt: skip


def _print(asked: Asked, whole: Statistics, apart: list[Statistics], wanted: Iterable[str], unit: str) -> None:
    from stampede.cli import stats_jobs, stats_text

    sections = [s for s in wanted if s != "jobs"]
    for one in apart:
        output.show(stats_text.title(one.workflows[0]))
        stats_text.show(one, [s for s in sections if s != "workflows"], unit)
        click.echo()
    if apart:
        output.show(output.text(("All workflows", "bold")))
    elif sections:
        output.show(stats_text.heading(whole))
    stats_text.show(whole, sections, unit)
    if "jobs" in wanted:
        stats_jobs.show(asked)


def _floor(ts: float, cut: Callable[[datetime], datetime]) -> float:
    return cut(datetime.fromtimestamp(ts).astimezone()).replace(tzinfo=None).timestamp()


def day_of(ts: float) -> float:
    """The beginning of the local day that a time lies in."""
    return _floor(ts, lambda t: t.replace(hour=0, minute=0, second=0, microsecond=0))


def hour_of(ts: float) -> float:
    """The beginning of the local hour that a time lies in."""
    return _floor(ts, lambda t: t.replace(minute=0, second=0, microsecond=0))
