"""``stampede serve token`` and ``password``: who may ask a service."""

from __future__ import annotations

import getpass
import re
import sys
import time
from pathlib import Path
from typing import Any

import click

from stampede.cli import options, output, text
from stampede.errors import InputError, UsageError

_RIGHTS = ("read", "write", "admin", "monitor")
_UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_LASTS = "90d"
#: a user at a terminal is asked twice; from a pipe this much is read
_LONGEST = 1024


@click.group(epilog=options.example("stampede serve token create --user ada --right read --expires 30d"))
def token() -> None:
    """Make, list and revoke tokens. What is made or revoked counts at once, also for services that run."""


@token.command(epilog=options.example(
    "stampede serve token create", "stampede serve token create --user ada --right write --note laptop",
    "stampede serve token create --right monitor --expires never --note prometheus",
))  # fmt: skip
@click.option("--user", help="Whose workflows it shows: the user as workflows name theirs.  [default: you]")
@click.option(
    "--right",
    type=click.Choice(_RIGHTS),
    default="read",
    show_default=True,
    help="write: send events too; admin: all users' workflows; monitor: only /metrics.",
)
@click.option("--expires", metavar="TIME", default=_LASTS, show_default=True, help="30m, 12h, 90d, 8w, or never.")
@click.option("--note", default="", help="What it is for.")
@options.as_json
@options.common
def create(user: str | None, right: Any, expires: str, note: str, json_: bool) -> None:
    """Make a token, and print it: once, since only a hash of it is kept."""
    from stampede.service.guard.audit import Audit, Record
    from stampede.service.guard.tokens import Tokens

    now = time.time()
    lasts_s = _seconds(expires)
    who = None if right == "monitor" else user or getpass.getuser()
    made, kept = Tokens().create(
        user=who, right=right, now=now, expires_ts=None if lasts_s is None else now + lasts_s, note=note[:200]
    )
    Audit().write(Record(event="token.create", outcome="ok", user=who, by=f"token {kept.id}", right=right))
    if json_:
        output.print_json({"token": made, "id": kept.id, "user": who, "right": right, "expires_ts": kept.expires_ts})
        return
    click.echo(made)
    until = f"until {text.time(kept.expires_ts, seconds=False)}" if kept.expires_ts else "until it is revoked"
    click.echo(f"Token {kept.id} for {who or 'nobody'}: {right}, {until}. It is not shown again.", err=True)


def _seconds(text_: str) -> float | None:
    match = re.fullmatch(r"([0-9]{1,6})([mhdw])", text_)
    if text_ == "never":
        return None
    if not match or int(match[1]) < 1:
        raise UsageError(f"--expires {text_!r}: write 30m, 12h, 90d, 8w, or never.")
    return float(int(match[1]) * _UNITS[match[2]])


@token.command("list", epilog=options.example("stampede serve token list"))
@options.as_json
@options.common
def list_(json_: bool) -> None:
    """List the tokens: all but what they are."""
    from stampede.service.guard.tokens import Tokens

    found, now = Tokens().all(), time.time()
    if json_:
        output.print_json({"tokens": [
            {"id": t.id, "user": t.user, "right": t.right, "note": t.note, "created_ts": t.created_ts,
             "expires_ts": t.expires_ts, "used_ts": t.used_ts, "expired": t.expired(now)} for t in found
        ]})  # fmt: skip
        return
    if not found:
        click.echo("There is no token. Make one with: stampede serve token create")
        return
    made = output.table("id", "user", "right", "made", "expires", "used", "note", short=("note",))
    for t in found:
        expires = ("expired", "red") if t.expired(now) else (text.time(t.expires_ts, seconds=False), "")
        made.add_row(
            t.id, output.text(t.user or "-"), t.right, text.time(t.created_ts, seconds=False),
            output.text(expires if t.expires_ts else "never"), text.ago(t.used_ts, now) or "never",
            output.text(t.note or "-"),
        )  # fmt: skip
    output.show(made)


@token.command(epilog=options.example("stampede serve token revoke 1f2e3d4c"))
@click.argument("id_", metavar="ID")
@options.as_json
@options.common
def revoke(id_: str, json_: bool) -> None:
    """Strike a token: it, and sessions that were begun with it, count no more."""
    from stampede.service.guard.audit import Audit, Record
    from stampede.service.guard.tokens import Tokens

    gone = Tokens().revoke(id_)
    Audit().write(Record(event="token.revoke", outcome="ok", user=gone.user, by=f"token {gone.id}", right=gone.right))
    if json_:
        output.print_json({"revoked": gone.id})
    else:
        click.echo(f"Token {gone.id} of {gone.user or 'nobody'} is revoked.")


@click.command(epilog=options.example("stampede serve password ada --file passwords"))
@click.argument("user")
@click.option("--right", type=click.Choice(_RIGHTS[:3]), default="read", show_default=True)
@click.option("--file", "file", metavar="FILE", help="Put the line into this file, in place of one of the same user.")
@options.as_json
@options.common
def password(user: str, right: Any, file: str | None, json_: bool) -> None:
    """Make a line of a file of passwords, for stampede serve --passwords.

    The password is asked for, or read from the standard input. Without --file the line is printed.
    """
    from stampede.service.guard.passwords import made

    line = made(user, _asked(), right).line()
    if file is not None:
        _put(Path(file), user, line)
    if json_:
        output.print_json({"user": user, "right": right, "file": file, "line": None if file else line})
    else:
        click.echo(f"{user} is in {file} now." if file else line)


def _asked() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline(_LONGEST).rstrip("\r\n")


def _put(path: Path, user: str, line: str) -> None:
    from stampede.service.guard.passwords import put

    try:
        put(path, user, line)
    except OSError as e:
        raise InputError(f"{path} cannot be written: {e.strerror}.", path=str(path)) from e
