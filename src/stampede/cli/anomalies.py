"""``stampede anomalies``: what is not as it was, what was expected, and on which machines."""

from __future__ import annotations

import textwrap

import click
import msgspec

from stampede.analysis.anomaly.summary import HostSummary, by_host
from stampede.cli import options, output, text
from stampede.cli.naming import workflows_of
from stampede.cli.status import as_object, headline
from stampede.query.anomalies import StoredAnomaly, tries_by_host
from stampede.query.anomalies import anomalies as ask
from stampede.query.status import WorkflowStatus
from stampede.query.status import status as status_of
from stampede.query.workflows import forest

#: kind -> what it is called, in the order in which they are told
_KINDS = {
    "host": "Suspect hosts",
    "failure_rate": "Failures more often than before",
    "stall": "Stalls",
    "start_without_end": "Starts without an end",
    "baseline": "No longer as it was",
    "job": "Jobs slow or fast",
}
#: of each kind, and of hosts, so many are printed
_SHOWN = 10


class _Run(msgspec.Struct):
    """One root workflow, what was found in it, and its machines."""

    status: WorkflowStatus
    anomalies: list[StoredAnomaly]
    hosts: list[HostSummary]


@click.command(epilog=options.example("stampede anomalies runs/run0001", "stampede anomalies diamond --json"))
@click.argument("name", required=False, metavar="[WORKFLOW]")
@click.option("--kind", type=click.Choice(sorted(_KINDS)), help="Only anomalies of this kind.")
@click.option("--full", is_flag=True, help="All of each kind, and all hosts.")
@options.database
@options.as_json
@options.as_of
@options.common
@click.pass_context
def anomalies(
    ctx: click.Context, name: str | None, kind: str | None, full: bool, db: str | None, json_: bool,
    as_of: float | str | None,
) -> None:  # fmt: skip
    """What is not as it was in a workflow and all below it: hosts, jobs, failure rates, silences, missing ends.

    Found by the past of the same jobs and by their peers in the run, without labels, while it is watched or when it is
    loaded. Ends with 1 when there is any.
    """
    at = options.time_of(as_of)
    with workflows_of(db, name, at) as (reader, roots):
        runs = []
        for root in roots:
            found = ask(reader, root, until_ts=at)
            hosts = by_host(tries_by_host(reader, forest(reader, root)), found)
            shown = [a for a in found if kind is None or a.kind == kind]
            runs.append(_Run(status_of(reader, root)[0], shown, hosts))
    if json_:
        output.print_json({"workflows": [
            {**as_object(r.status), "anomalies": msgspec.to_builtins(r.anomalies),
             "hosts": msgspec.to_builtins(r.hosts)}
            for r in runs
        ]})  # fmt: skip
    else:
        for run in runs:
            _print(run, full)
    ctx.exit(1 if any(run.anomalies for run in runs) else 0)


def _print(run: _Run, full: bool) -> None:
    output.show(headline(run.status))
    if not run.anomalies:
        output.show(output.text("\nEverything is as it was, as far as the past tells."))
    for kind, title in _KINDS.items():
        of_kind = [a for a in run.anomalies if a.kind == kind]
        if of_kind:
            _print_kind(title, of_kind, full)
    if run.hosts:
        click.echo()
        _print_hosts(run.hosts, full)


def _print_kind(title: str, found: list[StoredAnomaly], full: bool) -> None:
    output.show(output.text((f"\n{title}", "bold yellow"), f" ({len(found):,})" if len(found) > 1 else ""))
    worst_first = sorted(found, key=lambda a: -(a.score or 0.0))
    shown = worst_first if full else worst_first[:_SHOWN]
    for anomaly in shown:
        where = f" on {anomaly.host}" if anomaly.kind == "job" and anomaly.host else ""
        _block(f"{anomaly.subject}{where}, {text.time(anomaly.ts)}: {anomaly.reason}.")
    if len(found) > len(shown):
        output.hint(f"  and {len(found) - len(shown):,} more (--full)")


def _block(message: str) -> None:
    lead = "  " + ("• " if output.utf8() else "* ")
    lines = textwrap.wrap(
        text.clean(message), output.console().width, initial_indent=lead, subsequent_indent="    ",
        break_on_hyphens=False,
    )  # fmt: skip
    output.show(output.text("\n".join(lines)))


def _print_hosts(hosts: list[HostSummary], full: bool) -> None:
    wide = output.width() >= 90
    made = output.table(
        "host", "began", "ended", "failed", "no end", *(["busy", "cpu"] if wide else []), "anomalies",
        right=("began", "ended", "failed", "no end", "busy", "cpu", "anomalies"), short=("host",),
    )  # fmt: skip
    shown = hosts if full else hosts[:_SHOWN]
    for h in shown:
        name = output.text((h.host or "(unknown)", "bold yellow" if h.suspect else ""), " suspect" if h.suspect else "")
        cpu = "-" if h.efficiency is None else f"{h.efficiency:.0%}"
        made.add_row(
            name, f"{h.started:,}", f"{h.ended:,}", _some(h.failed), _some(h.unended),
            *([text.duration(h.busy_s), cpu] if wide else []), _some(h.anomalies),
        )  # fmt: skip
    output.show(made)
    if len(hosts) > len(shown):
        output.hint(f"and {len(hosts) - len(shown):,} more hosts (--full)")


def _some(n: int) -> str:
    return f"{n:,}" if n else "-"
