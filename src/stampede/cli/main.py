"""The command ``stampede``: one verb a module, imported when it is asked for.

Exit codes: 0 well; 1 the workflow failed or a check found something; 2 wrong use; 3 input that could not be used;
4 a database that could not be reached; 70 a defect of Stampede; 130 interrupted.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from stampede import __version__
from stampede.cli.options import VERBOSE
from stampede.cli.output import abandon_stdout
from stampede.errors import StampedeError

#: verb -> its one line in the overview; the module of the same name holds a command of the same name
VERBS = {
    "load": "Read submit directories, logs or event files into the database.",
    "watch": "Follow workflows while they run.",
    "top": "All watched workflows on a screen of the terminal.",
    "status": "How far a workflow is, with its sub-workflows.",
    "triage": "What is wrong, causes first, and what to do about it.",
    "forecast": "How probable it is that a workflow fails, and why.",
    "advise": "What to do next: try again or not, where, and what to ask for.",
    "anomalies": "What is not as it was: slow hosts and jobs, failures, silences.",
    "trace": "What made a file, task or job, and what came of it.",
    "show": "One job: every try, its output, its files.",
    "stats": "What workflows add up to: outcomes, time, retries, efficiency.",
    "compare": "What differs between two runs beyond noise, and what changed first.",
    "jobs": "List the jobs of a workflow.",
    "plot": "Pictures of a run as SVG.",
    "report": "One HTML page of a run, or a gallery of many.",
    "workflows": "List the workflows of a database.",
    "registry": "List the workflows that were watched or loaded, forget or relocate them.",
    "replay": "Let a finished run happen once more, as if it ran now.",
    "push": "Send what runs here to a server elsewhere.",
    "publish": "Send what runs here to a bus, for loaders and subscribers elsewhere.",
    "consume": "Load what comes over a bus into a database.",
    "subscribe": "Hear what is published on a bus.",
    "events": "Write the events of a workflow as a stream.",
    "validate": "Check events against the schema.",
    "serve": "Serve all answers over HTTP.",
    "archive": "Keep finished workflows in a folder of Parquet files.",
    "restore": "Bring workflows of an archive back into a database.",
    "query": "Ask an archive in SQL.",
    "health": "Whether all is well, for Nagios and the like.",
    "db": "Check or mend a database, show what it takes.",
    "retain": "Delete old runs.",
}

INTERNAL_ERROR = 70
INTERRUPTED = 130


class Verbs(click.Group):
    """Verbs that are imported when they are used, and the one place where errors become messages."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command: click.Command = getattr(importlib.import_module(f"stampede.cli.{cmd_name}"), cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            near = _nearest(args[0])
            hint = f" Did you mean {near}?" if near else ""
            raise click.UsageError(f"There is no verb {args[0]!r}.{hint} Known are {', '.join(VERBS)}.", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except (click.exceptions.Exit, click.ClickException, click.Abort):
            raise
        except StampedeError as e:
            _say(f"stampede: {e}")
            ctx.exit(e.exit_code)
        except KeyboardInterrupt:
            _say("stampede: interrupted; what was written so far is kept.")
            ctx.exit(INTERRUPTED)
        except BrokenPipeError:
            abandon_stdout()
            ctx.exit(0)
        except Exception as e:
            _internal(e)
            ctx.exit(INTERNAL_ERROR)
        return result


def _nearest(word: str) -> str | None:
    """The verb that was meant, or the two that may have been."""
    import difflib

    found = difflib.get_close_matches(word, VERBS, n=2, cutoff=0.7) or difflib.get_close_matches(word, VERBS, n=1)
    return " or ".join(found) or None


def _say(message: str) -> None:
    """To stderr, which may be closed as well."""
    from stampede.cli.text import clean

    try:
        click.echo(clean(message), err=True)
    except OSError:
        pass


def _internal(error: Exception) -> None:
    """A defect: one line, or all of it with -v."""
    if VERBOSE.asked:
        import traceback

        _say(traceback.format_exc())
    first = (str(error).splitlines() or [""])[0][:300]
    _say(f"stampede: this is a defect of Stampede: {type(error).__name__}: {first}")
    if not VERBOSE.asked:
        _say("stampede: run it again with -v for the traceback, and please report it.")


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="stampede")
def cli() -> None:
    """Follow, query and debug HTCondor DAGMan and Pegasus workflows.

    Start with: stampede load SUBMIT_DIR, then stampede status SUBMIT_DIR and stampede triage SUBMIT_DIR.

    A workflow is named by its submit directory, its uuid (or the start of it) or its label. The database is the one of
    the submit directory unless --db or STAMPEDE_DB names another.
    """
    VERBOSE.reset()


def main() -> None:
    """What the installed command runs."""
    cli(prog_name="stampede")


if __name__ == "__main__":
    main()
