"""``stampede health``: whether databases, watchers and the service are well, for Nagios, Icinga and cron."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from stampede.analysis.supervision import CHECKS, EXITS, Checked, Threshold, checked, failed, line, worst
from stampede.cli import options, output
from stampede.cli.naming import database_of
from stampede.cli.text import clean, count, duration, size
from stampede.errors import StampedeError, UsageError

if TYPE_CHECKING:
    from stampede.operating import Standing


class _MisuseError(click.UsageError):
    exit_code = EXITS["unknown"]


class _Supervised(click.Command):
    """Wrong use ends with 3: 2 would be a verdict."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.UsageError as e:
            raise _MisuseError(e.message, e.ctx) from e


def _limits(given: tuple[str, ...], what: str) -> dict[str, float]:
    found = {}
    for text in given:
        name, _, value = text.partition("=")
        try:
            if name not in CHECKS:
                raise ValueError
            found[name] = float(value)
        except ValueError:
            known = ", ".join(CHECKS)
            raise UsageError(f"--{what} {text!r}: write NAME=NUMBER, where NAME is one of {known}.") from None
    return found


@click.command(cls=_Supervised, epilog=options.example(
    "stampede health", "stampede health --url http://localhost:8642",
    "stampede health runs/run0001 --warning lag=30 --critical lag=300",
))  # fmt: skip
@click.argument("paths", nargs=-1, metavar="[SUBMIT_DIR]...")
@click.option(
    "--db",
    "dbs",
    metavar="URL",
    multiple=True,
    help="Database; may be repeated.  [env STAMPEDE_DB; default: all of the registry]",
)
@click.option("--url", metavar="URL", help="A service that has to answer, such as http://localhost:8642.")
@click.option("--warning", metavar="NAME=NUMBER", multiple=True, help="From when on something is a warning.")
@click.option("--critical", metavar="NAME=NUMBER", multiple=True, help="From when on it is critical.")
@options.as_json
@options.common
@click.pass_context
def health(
    ctx: click.Context, paths: tuple[str, ...], dbs: tuple[str, ...], url: str | None, warning: tuple[str, ...],
    critical: tuple[str, ...], json_: bool,
) -> None:  # fmt: skip
    """Whether databases, watchers and the service are well, for supervisors such as Nagios and Icinga.

    Looks at databases, unwatched, lag (seconds), failing (percent), disk (percent free) and service (seconds), and ends
    with 0 when all is well, 1 for a warning, 2 when something is critical, 3 when it could not be found out. The first
    line has the performance data.
    """
    try:
        checks = _checks(paths, dbs, url, _thresholds(warning, critical))
    except StampedeError as e:  # to a supervisor 1 and 2 are verdicts
        click.echo(f"STAMPEDE UNKNOWN: {clean(str(e))}".replace("|", "/"))
        ctx.exit(EXITS["unknown"])
    verdict = worst(checks)
    if json_:
        output.print_json({"verdict": verdict, "checks": checks})
    else:
        click.echo(clean(line(verdict, checks)))
        for one in checks:
            click.echo(clean(f"{one.verdict.upper():8} {one.name}: {one.detail}"))
    ctx.exit(EXITS[verdict])


def _thresholds(warning: tuple[str, ...], critical: tuple[str, ...]) -> dict[str, Threshold]:
    low, high = _limits(warning, "warning"), _limits(critical, "critical")
    return {
        name: Threshold(warning=low.get(name, c.threshold.warning), critical=high.get(name, c.threshold.critical),
                        falling=c.threshold.falling)
        for name, c in CHECKS.items()
    }  # fmt: skip


def _checks(
    paths: tuple[str, ...], dbs: tuple[str, ...], url: str | None, limits: dict[str, Threshold]
) -> list[Checked]:
    from stampede.operating import Figures

    named = [*dbs, *(database_of(None, path) for path in paths)]
    if not named and os.environ.get("STAMPEDE_DB"):
        named = [os.environ["STAMPEDE_DB"]]
    standing = Figures().standing(named or None)
    found = [
        _databases(standing, limits["databases"]), _unwatched(standing, limits["unwatched"]),
        _lag(standing, limits["lag"]), _failing(standing, limits["failing"]), _disk(standing, limits["disk"]),
    ]  # fmt: skip
    return found if url is None else [*found, _service(url, limits["service"])]


def _databases(standing: Standing, limit: Threshold) -> Checked:
    bad = [seen for seen in standing.databases if seen.condition != "answers"]
    well = len(standing.databases) - len(bad)
    said = f"{count(well, 'database')} can be read"
    if bad:
        said += f", {count(len(bad), 'database')} cannot: {bad[0].url} ({bad[0].trouble})"
    return checked("databases", len(bad), said, limit)


def _unwatched(standing: Standing, limit: Threshold) -> Checked:
    alone = [one for one in standing.running if not one.watched]
    said = f"{count(len(standing.running), 'workflow')} running, {len(alone)} of them unwatched"
    if alone:
        said += f" ({', '.join(one.label or one.wf_uuid[:8] for one in alone[:3])})"
    return checked("unwatched", len(alone), said, limit)


def _lag(standing: Standing, limit: Threshold) -> Checked:
    known = [one for one in standing.running if one.lag_s is not None]
    if not known:
        return checked("lag", None, "no running workflow whose log can be seen", limit)
    last = max(known, key=lambda one: one.lag_s or 0)
    behind = f", {size(last.behind_bytes)} to read" if last.behind_bytes else ""
    said = f"at most {duration(last.lag_s)} behind ({last.label or last.wf_uuid[:8]}{behind})"
    return checked("lag", last.lag_s, said, limit)


def _failing(standing: Standing, limit: Threshold) -> Checked:
    done = sum(one.done for one in standing.running)
    bad = sum(one.failed for one in standing.running)
    if not done + bad:
        return checked("failing", None, "no job of a running workflow has ended yet", limit)
    share = 100.0 * bad / (done + bad)
    return checked("failing", share, f"{bad:,} of {done + bad:,} ended jobs of running workflows failed", limit)


def _disk(standing: Standing, limit: Threshold) -> Checked:
    known = [(100.0 * s.free_bytes / s.disk_bytes, s) for s in standing.databases
             if s.free_bytes is not None and s.disk_bytes]  # fmt: skip
    if not known:
        return checked("disk", None, "no database is there whose disk could fill", limit)
    share, fullest = min(known, key=lambda one: one[0])
    return checked("disk", share, f"{size(fullest.free_bytes)} free beside {fullest.url}", limit)


def _service(url: str, limit: Threshold) -> Checked:
    from stampede.supervising import ready_after_s

    try:
        took = ready_after_s(url, timeout_s=limit.critical or 10.0)
    except UsageError:
        raise
    except StampedeError as e:
        return failed("service", str(e), limit)
    return checked("service", took, f"{url} is ready, after {took:.3f} s", limit)
