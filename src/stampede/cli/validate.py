"""``stampede validate``: events against the schema."""

from __future__ import annotations

from pathlib import Path

import click

from stampede import validation
from stampede.cli import options, output
from stampede.errors import InputError

_MEANS = {"reject": "could not be used", "repair": "were mended", "pass": "are not in the schema, kept as they are"}
_STYLES = {"reject": "bold red", "repair": "yellow", "pass": "dim"}


@click.command(epilog=options.example("stampede validate run0001/workflow.bp", "stampede validate *.jsonl --strict"))
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--strict", is_flag=True, help="End with 1 at any fault, not only at records that could not be used.")
@options.as_json
@options.common
@click.pass_context
def validate(ctx: click.Context, paths: tuple[str, ...], strict: bool, json_: bool) -> None:
    """Check event files, or the events a submit directory gives, against the schema.

    Ends with 1 when records could not be used.
    """
    found = [(path, validation.validate(Path(path))) for path in paths]
    if not any(v.events or v.faults for _, v in found):
        raise InputError(f"{', '.join(paths)}: there was no event to check.")
    if json_:
        output.print_json({"files": [
            {"path": path, "events": v.events, "faults": v.faults, "rejected": v.rejected} for path, v in found
        ]})  # fmt: skip
    else:
        for path, v in found:
            _print(path, v)
    bad = any(v.rejected or (strict and v.faults) for _, v in found)
    ctx.exit(1 if bad else 0)


def _print(path: str, v: validation.Validation) -> None:
    output.show(output.text((path, "bold"), f": {sum(v.events.values()):,} events of {len(v.events)} kinds, "
                            f"{v.rejected:,} records that could not be used"))  # fmt: skip
    if v.events:
        made = output.table("event", "count", right=("count",))
        for name, n in sorted(v.events.items(), key=lambda e: -e[1]):
            made.add_row(output.text(name), f"{n:,}")
        output.show(made)
    if v.faults:
        click.echo()
        made = output.table("fault", "count", "event", "attribute", "what", "first", right=("count",),
                            short=("what", "first"))  # fmt: skip
        for f in sorted(v.faults, key=lambda f: (list(_MEANS).index(f.kind), -f.count)):
            made.add_row(output.text((f.kind, _STYLES[f.kind])), f"{f.count:,}", output.text(f.event),
                         output.text(f.attribute), output.text(f.message), output.text(f.sample[:40]))  # fmt: skip
        output.show(made)
        kinds = [k for k in _MEANS if any(f.kind == k for f in v.faults)]
        output.hint("; ".join(f"{k}: {_MEANS[k]}" for k in kinds))
