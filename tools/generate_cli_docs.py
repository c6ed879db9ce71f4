"""Write ``docs/reference/cli.md``: the help text of every verb, as the program prints it.

python tools/generate_cli_docs.py            write the page
python tools/generate_cli_docs.py --check    exit 1 when it differs from what would be written
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from stampede.cli.main import cli

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "cli.md"


def render() -> str:
    """The page."""
    parts = ["# Command line\n", "Written by `tools/generate_cli_docs.py` from the program's own help.\n"]
    context = click.Context(cli, info_name="stampede", terminal_width=100, max_content_width=100)
    parts.append(_block("stampede", cli.get_help(context)))
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        if command is not None:
            parts += _verb(command, name, context)
    return "\n".join(parts)


def _verb(command: click.Command, name: str, parent: click.Context) -> list[str]:
    context = click.Context(command, info_name=name, parent=parent, terminal_width=100, max_content_width=100)
    parts = [_block(f"stampede {name}", command.get_help(context))]
    if isinstance(command, click.Group):
        for sub in command.list_commands(context):
            found = command.get_command(context, sub)
            if found is not None:
                inner = click.Context(found, info_name=sub, parent=context, terminal_width=100, max_content_width=100)
                parts.append(_block(f"stampede {name} {sub}", found.get_help(inner)))
    return parts


def _block(title: str, text: str) -> str:
    return f"## {title}\n\n```text\n{text.rstrip()}\n```\n"


def main() -> int:
    text = render()
    if "--check" in sys.argv[1:]:
        if not PAGE.exists() or PAGE.read_text() != text:
            print(f"{PAGE} is stale: run python {Path(__file__).name}", file=sys.stderr)
            return 1
        return 0
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
