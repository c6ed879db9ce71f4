"""``stampede trace``: what made a file, task or job, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from stampede.cli import options, output, text
from stampede.cli.naming import workflows_of
from stampede.query.lineage import File, Process, Trace, find_subject
from stampede.query.lineage import trace as ask
from stampede.query.workflows import forest, paths

if TYPE_CHECKING:
    from rich.tree import Tree


@click.command(epilog=options.example("stampede trace f.d runs/run0001", "stampede trace ID0000004 diamond --up",
                                      "stampede trace f.a --down --dot | dot -Tsvg > a.svg"))  # fmt: skip
@click.argument("name")
@click.argument("workflow", required=False)
@click.option("--up", is_flag=True, help="Only what it was made of.")
@click.option("--down", is_flag=True, help="Only what came of it.")
@click.option("--depth", type=click.IntRange(0), help="So many jobs far.  [default: to the inputs and outputs]")
@click.option("--kind", type=click.Choice(["job", "task", "file"]), help="What NAME is, where several have that name.")
@click.option("--dot", is_flag=True, help="The graph for Graphviz.")
@options.database
@options.as_json
@options.as_of
@options.common
def trace(
    name: str, workflow: str | None, up: bool, down: bool, depth: int | None, kind: Any, dot: bool, db: str | None,
    json_: bool, as_of: float | str | None,
) -> None:  # fmt: skip
    """Where a file, task or job comes from, up to the inputs of the workflow, and what it went into, down to the
    outputs: which try of which job on which host read and wrote what, where it lies, its checksum.

    NAME is a file (its logical name), a task or a job; INNER/NAME one of a sub-workflow. WORKFLOW is a submit
    directory, a uuid or its start, or a label.
    """
    if dot and json_:
        raise click.UsageError("--dot and --json are two answers: ask for one.")
    both = up == down
    with workflows_of(db, workflow, options.time_of(as_of)) as (reader, roots):
        workflows = [w for root in roots for w in forest(reader, root)]
        prefixes = paths(workflows)
        subject = find_subject(reader, workflows, prefixes, name, kind)
        found = ask(reader, workflows, prefixes, subject, up=up or both, down=down or both, depth=depth)
    if json_:
        output.print_json(found)
    elif dot:
        click.echo(_dot(found), nl=False)
    else:
        _print(found, up=up or both, down=down or both)


# ---- for people -----------------------------------------------------------------------------------------------------


def _print(found: Trace, *, up: bool, down: bool) -> None:
    nodes: dict[str, File | Process] = {file.id: file for file in found.files}
    nodes |= {process.id: process for process in found.processes}
    states = {process.path: process.state for process in found.processes}
    for subject in found.subject:
        one = nodes[subject]
        output.show(output.facts(_facts(one, states)))
        if up:
            _direction("Made by" if isinstance(one, File) else "From", subject, found, nodes, up=True)
        if down:
            _direction("Used by" if isinstance(one, File) else "To", subject, found, nodes, up=False)
    if found.cut:
        output.warn("There is more than was followed; --depth keeps to what is near.")


def _direction(title: str, subject: str, found: Trace, nodes: dict[str, File | Process], *, up: bool) -> None:
    from rich.tree import Tree

    near: dict[str, list[str]] = {}
    for link in found.links:
        here, there = (link.target, link.source) if up else (link.source, link.target)
        if (nodes[there].distance <= 0) if up else (nodes[there].distance >= 0):
            near.setdefault(here, []).append(there)
    root = Tree(output.text((title, "bold")), guide_style="dim")
    if subject not in near:
        root.add(output.text((_nothing(nodes[subject], up=up), "dim")))
    else:
        _grow(root, subject, near, nodes, {subject})
    output.show(root)


def _nothing(one: File | Process, *, up: bool) -> str:
    if isinstance(one, Process) or one.missing:
        return "nothing"
    if one.input and one.output:
        return "nothing that a record tells of"
    return "nothing: it is an input of the workflow" if up else "nothing: it is an output of the workflow"


def _grow(
    root: Tree, subject: str, near: dict[str, list[str]], nodes: dict[str, File | Process], seen: set[str]
) -> None:
    """Add what is near, and what is near to that; what was shown already is only named. No recursion: DAGs are deep."""
    todo = [(root, one) for one in reversed(near.get(subject, []))]
    while todo:
        branch, one = todo.pop()
        again = one in seen and bool(near.get(one))
        line, style = _line(nodes[one])
        added = branch.add(output.text((line, style), *([("  (see above)", "dim")] if again else [])))
        if not again:
            seen.add(one)
            todo += [(added, other) for other in reversed(near.get(one, []))]


def _line(one: File | Process) -> tuple[str, str]:
    if isinstance(one, File):
        parts = [text.size(one.size_bytes) if one.size_bytes is not None else "", _role(one)]
        return f"{one.name}  {', '.join(p for p in parts if p)}".rstrip(), "red" if one.missing else "cyan"
    parts = [one.transformation or "", _try(one), f"on {one.host}" if one.host else "", one.state]
    return f"{one.path}  {', '.join(p for p in parts if p)}".rstrip(), output.STYLES.get(one.state, "")


def _role(file: File) -> str:
    if file.due_from:
        return "not made"
    if file.missing:
        return "not there"
    if file.input and file.output:
        return ""
    return "input of the workflow" if file.input else "output of the workflow" if file.output else ""


def _due(file: File, states: dict[str, str]) -> str:
    """Who was to make a file that is not there, and what became of that."""
    makers = []
    for job in file.due_from:
        state = states.get(job, "unknown")
        makers.append(f"{job}, which {_BECAME.get(state, f'is {state}')}")
    return f"not there, to be made by {'; '.join(makers)}"


#: what became of a job, behind "which"
_BECAME = {"failed": "failed", "done": "did not write it"}


def _try(one: Process) -> str:
    return f"try {one.number} of {one.tries}" if one.number is not None and one.tries > 1 else ""


def _facts(one: File | Process, states: dict[str, str]) -> list[tuple[str, Any]]:
    if isinstance(one, File):
        role = _due(one, states) if one.due_from else _role(one)
        rows: list[tuple[str, Any]] = [("file", ", ".join(p for p in (one.name, role) if p))]
        if one.size_bytes is not None:
            rows.append(("size", text.size(one.size_bytes)))
        if one.checksum:
            rows.append(("checksum", one.checksum))
        rows += [("lies at", f"{p.pfn}{f' ({p.site})' if p.site else ''}") for p in one.places]
        if one.moved_by:
            rows.append(("moved by", ", ".join(one.moved_by)))
        return rows
    rows = [("job", one.path), ("state", output.state(one.state))]
    if one.tasks:
        rows.append(("tasks", ", ".join(one.tasks)))
    if one.transformation:
        rows.append(("runs", one.transformation))
    if one.number is not None:
        rows.append(("try", f"{one.number} of {one.tries}, {_when(one)}"))
    if one.host or one.site:
        rows.append(("on", " at ".join(p for p in (one.host, one.site) if p)))
    return rows


def _when(one: Process) -> str:
    """When the try ran, and how long."""
    if one.execute_ts is None:
        return "has not started" if one.end_ts is None and one.outcome is None else "never started"
    took = f", took {text.duration(one.end_ts - one.execute_ts)}" if one.end_ts is not None else ""
    return text.time(one.execute_ts) + took


# ---- for Graphviz ---------------------------------------------------------------------------------------------------


def _dot(found: Trace) -> str:
    lines = ["digraph trace {", "  rankdir=LR;", '  node [fontname="sans-serif"];']
    for file in found.files:
        lines.append(f"  {_quoted(file.id)} [label={_quoted(file.name)}, shape=note];")
    for process in found.processes:
        label = "\n".join(p for p in (process.path, process.transformation, process.host) if p)
        lines.append(f"  {_quoted(process.id)} [label={_quoted(label)}, shape=box];")
    for link in found.links:
        style = " [style=dashed]" if link.kind == "after" else ""
        lines.append(f"  {_quoted(link.source)} -> {_quoted(link.target)}{style};")
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(value: str) -> str:
    r"""A string of the DOT language; in a label ``\n`` begins a new line."""
    clean = text.clean(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{clean}"'
