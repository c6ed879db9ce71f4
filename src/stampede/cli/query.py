"""``stampede query``: questions in SQL to an archive."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path
from typing import Any

import click

from stampede.archive import Answer, Folder, ask
from stampede.cli import options, output

#: rows that a table has, where nobody said how many
_SHOWN = 1000


@click.command(epilog=options.example(
    'stampede query "SELECT label, month, count(*) FROM workflow GROUP BY ALL" --archive /archive',
    'stampede query "SELECT * FROM job WHERE node_state = \'failed\'" --archive /archive --csv',
    'stampede query "DESCRIBE job_instance" --archive /archive',
))  # fmt: skip
@click.argument("sql")
@options.archive
@click.option("--csv", "csv_", is_flag=True, help="Answer in CSV, with a line of names.")
@click.option("--limit", type=click.IntRange(1), help=f"Rows at most.  [default: {_SHOWN} of a table, else all]")
@click.option("--seconds", type=click.FloatRange(0.001), default=60.0, show_default=True, help="How long it may take.")
@click.option(
    "--memory", "memory_mb", type=click.IntRange(64), default=1024, show_default=True, help="Megabytes it may take."
)
@options.as_json
@options.common
def query(
    sql: str, source: Path, csv_: bool, limit: int | None, seconds: float, memory_mb: int, json_: bool
) -> None:  # fmt: skip
    """Ask an archive one SELECT, in the SQL of DuckDB. Tables are those of the database, with the columns month and
    label in addition; event has the events.

    Nothing can be changed, and nothing but the archive be read. Ends with 2 for what is no question, 4 when it takes
    too long or too much memory.
    """
    most = limit if limit is not None or csv_ or json_ else _SHOWN
    answer = ask(Folder(source), sql, seconds=seconds, memory_mb=memory_mb, most=most)
    if json_:
        rows = [dict(zip(answer.columns, (_plain(v) for v in row), strict=True)) for row in answer.rows]
        output.print_json({"columns": answer.columns, "rows": rows, "cut": answer.cut})
    elif csv_:
        _print_csv(answer)
    else:
        _print(answer)
    if answer.cut and not json_:
        output.warn(f"there are more than {len(answer.rows):,} rows: --limit {len(answer.rows) * 10}")


def _plain(value: Any) -> Any:
    """A value as JSON can have it."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else None  # JSON has neither NaN nor infinity
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(_plain(value)) if not isinstance(value, float) else repr(value)


def _print_csv(answer: Answer) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(answer.columns)
    writer.writerows([_cell(v) for v in row] for row in answer.rows)
    sys.stdout.write(text.getvalue())


def _print(answer: Answer) -> None:
    if not answer.rows:
        output.show(output.text("No row."))
        return
    numbers = tuple(c for n, c in enumerate(answer.columns)
                    if all(isinstance(row[n], int | float | None) for row in answer.rows))  # fmt: skip
    made = output.table(*answer.columns, right=numbers)
    for row in answer.rows:
        made.add_row(*(output.text("-" if v is None else _cell(v)) for v in row))
    output.show(made)
