"""Options that several verbs have, once."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

LAST = "last"


class _Verbosity:
    """How much the user wants to hear; set by -q and -v of whichever verb runs."""

    def __init__(self) -> None:
        self.level = 0

    @property
    def asked(self) -> bool:
        return self.level > 0

    @property
    def quiet(self) -> bool:
        return self.level < 0

    def reset(self) -> None:
        self.level = 0


VERBOSE = _Verbosity()


class Moment(click.ParamType[float | str, str]):
    """``last``, a time as RFC 3339 (without a zone: local), or epoch seconds. Gives epoch seconds or ``"last"``."""

    name = "TIME|last"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float | str:
        text = str(value).strip()
        if text == LAST:
            return LAST
        try:
            return float(text) if text.replace(".", "", 1).isdigit() else datetime.fromisoformat(text).timestamp()
        except (ValueError, OverflowError, OSError):
            self.fail(
                f"{text!r} is no time. Write 2026-11-21T21:30:00Z (RFC 3339), epoch seconds, or last.", param, ctx
            )


def _set_level(level: int) -> Callable[[click.Context, click.Parameter, bool], None]:
    def callback(ctx: click.Context, param: click.Parameter, value: bool) -> None:
        if value:
            VERBOSE.level = level

    return callback


def common(function: F) -> F:
    """``-q`` and ``-v``."""
    function = click.option(
        "-v", "--verbose", is_flag=True, expose_value=False, is_eager=True, callback=_set_level(1),
        help="Say more; show the traceback of a defect.",
    )(function)  # fmt: skip
    return click.option(
        "-q", "--quiet", is_flag=True, expose_value=False, is_eager=True, callback=_set_level(-1),
        help="Leave out progress and hints.",
    )(function)  # fmt: skip


def database(function: F) -> F:
    """``--db URL``."""
    return click.option(
        "--db", metavar="URL", envvar="STAMPEDE_DB",
        help="Database: sqlite:///FILE, postgresql+psycopg://… or mysql+pymysql://….  [env STAMPEDE_DB; default: the "
        "one of the submit directory]",
    )(function)  # fmt: skip


def bus(*, required: bool = True) -> Callable[[F], F]:
    """``--bus URL``."""
    return click.option(
        "--bus", "bus_url", metavar="URL", envvar="STAMPEDE_BUS" if required else None, required=required,
        help="The bus: amqp://USER:PASSWORD@HOST/VHOST, file:///FOLDER, unix:///PATH or tcp://HOST:PORT."
        + ("  [env STAMPEDE_BUS]" if required else ""),
    )  # fmt: skip


def archive(function: F) -> F:
    """``--archive FOLDER``."""
    return click.option(
        "--archive", "source", metavar="FOLDER", required=True, envvar="STAMPEDE_ARCHIVE",
        type=click.Path(path_type=Path), help="The archive.  [env STAMPEDE_ARCHIVE]",
    )(function)  # fmt: skip


def as_json(function: F) -> F:
    """``--json``."""
    return click.option(
        "--json", "json_", is_flag=True, help="Answer in JSON; times are RFC 3339 in UTC, durations seconds."
    )(function)


def as_of(function: F) -> F:
    """``--as-of TIME|last``."""
    return click.option(
        "--as-of", type=Moment(), default=None,
        help="As it stood then; last: at the last record that was read.",
    )(function)  # fmt: skip


def time_of(as_of: float | str | None) -> float | None:
    """The time that ``--as-of`` names; None when nothing is to be left out."""
    return None if as_of is None or as_of == LAST else float(as_of)


def command(verb: str, name: str, db: str | None) -> str:
    """A command that the user can copy: quoted for the shell, with ``--db`` if that was given."""
    return f"stampede {verb} {shlex.quote(name)}" + (f" --db {shlex.quote(db)}" if db else "")


def example(*lines: str) -> str:
    """The epilog of a verb: an example that is printed as it stands."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)
