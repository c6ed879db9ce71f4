"""``stampede events``: the stream that a load would write, in any form."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import click

from stampede import pipeline
from stampede.cli import options, output
from stampede.errors import InputError

FORMATS = ("bp", "jsonl", "bson")
DIALECTS = ("current", "seed", "pegasus")
_CHUNK_BYTES = 1 << 18


class _Problems:
    """Counts the problems that pass, and keeps the first ones."""

    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter()
        self.first: list[str] = []

    def watched(self, events: Iterator[pipeline.Event]) -> Iterator[pipeline.Event]:
        """The same events."""
        for event in events:
            if isinstance(event, pipeline.Problem):
                self.kinds[event.kind] += 1
                if len(self.first) < 5 and event.severity != "info":
                    place = f"{event.file}, byte {event.offset}: " if event.file and event.offset is not None else ""
                    self.first.append(f"{event.kind}: {place}{event.message}")
            yield event

    def report(self) -> None:
        """On stderr, so that the stream stays clean."""
        if self.kinds:
            output.warn(f"problems in the stream: {', '.join(f'{n} {kind}' for kind, n in self.kinds.most_common())}")
            for line in self.first:
                output.warn(f"  {line}")


@click.command(epilog=options.example("stampede events runs/run0001 --format jsonl", "stampede events x.bp -o x.bson"))
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--format", "form", type=click.Choice(FORMATS), default="bp", show_default=True)
@click.option(
    "--dialect", type=click.Choice(DIALECTS), default="current", show_default=True,
    help="pegasus: current, without what only Stampede knows.",
)  # fmt: skip
@click.option("--output", "-o", "target", metavar="FILE", help="Write there instead of to standard output.")
@click.option("--strict", is_flag=True, help="Stop at the first event that breaks the schema.")
@options.common
def events(paths: tuple[str, ...], form: str, dialect: str, target: str | None, strict: bool) -> None:
    """Write the events of submit directories, logs or event files as one stream."""
    problems = _Problems()
    stream = problems.watched(pipeline.stream([Path(p) for p in paths], strict=strict))
    encoded = pipeline.encoded(stream, form, dialect)
    if target is None or target == "-":
        if form == "bson" and sys.stdout.isatty():
            raise InputError("BSON is no text: send it into a file with --output FILE or a pipe.")
        _write(encoded, sys.stdout.buffer)
    else:
        try:
            with open(target, "wb") as file:
                _write(encoded, file)
        except OSError as e:
            raise InputError(f"{target} cannot be written: {e.strerror}.", path=target) from e
    problems.report()


def _write(encoded: Iterator[bytes], file: IO[bytes]) -> None:
    """Few large writes; the first event at once, so that a reader who wants one line does not wait."""
    pieces: list[bytes] = []
    size = _CHUNK_BYTES
    for piece in encoded:
        pieces.append(piece)
        size += len(piece)
        if size >= _CHUNK_BYTES:
            file.write(b"".join(pieces))
            file.flush()
            pieces, size = [], 0
    file.write(b"".join(pieces))
    file.flush()
