"""Write ``src/stampede/store/ddl/<dialect>.sql`` from the tables declared in ``stampede.store.schema``, and
``ddl/revisions/NNNN.<dialect>.sql`` from the Alembic scripts in ``stampede.store.schema.revisions``.

python tools/render_ddl.py            write the files
python tools/render_ddl.py --check    exit 1 when a file differs from what would be written
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import Script, ScriptDirectory
from sqlalchemy import MetaData
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.mysql.mariadb import MariaDBDialect
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.schema import CreateIndex, CreateTable

from stampede.store.schema import metadata
from stampede.store.schema.servers import tables_for

#: (the dialects of servers have no types)
_POSTGRESQL: Any = postgresql.dialect
_MARIADB: Any = MariaDBDialect
STORE = Path(__file__).resolve().parent.parent / "src" / "stampede" / "store"
DDL = STORE / "ddl"
REVISIONS = STORE / "schema" / "revisions"
#: what a revision says of itself
NOTES = ("-- loses: ", "-- mark: ")
DIALECTS: dict[str, tuple[Dialect, MetaData]] = {
    "sqlite": (sqlite.dialect(), metadata),
    "postgresql": (_POSTGRESQL(), tables_for("postgresql")),
    "mariadb": (_MARIADB(), tables_for("mariadb")),
}


def render(dialect: Dialect, tables: MetaData) -> str:
    """All CREATE statements of the schema, each ended by a semicolon, tables before their indexes."""
    parts = ["-- Written by tools/render_ddl.py from stampede/store/schema: change that, not this."]
    for table in tables.sorted_tables:
        parts.append(_clean(str(CreateTable(table, if_not_exists=True).compile(dialect=dialect))))
        for index in sorted(table.indexes, key=lambda i: str(i.name)):
            parts.append(_clean(str(CreateIndex(index, if_not_exists=True).compile(dialect=dialect))))
    return "\n\n".join(parts) + "\n"


def _clean(statement: str) -> str:
    lines = [line.rstrip().replace("\t", "    ") for line in statement.strip().splitlines()]
    return "\n".join(line for line in lines if line) + ";"


def scripts() -> list[Script]:
    """The revisions, oldest first."""
    found = ScriptDirectory(str(REVISIONS), version_locations=[str(REVISIONS)])
    return list(found.walk_revisions())[::-1]


def render_revision(script: Script, dialect: Dialect) -> str:
    """What a revision does to a kind of database, there and back, with what is said of it in comments at the head."""
    there, back = (_offline(step, dialect) for step in (script.module.upgrade, script.module.downgrade))
    notes = [part for part in (*there, *back) if part.startswith(NOTES)]
    head = [
        f"-- Written by tools/render_ddl.py from stampede/store/schema/revisions/{Path(script.path).name}: change that,"
        " not this.",
        f"-- title: {script.doc.splitlines()[0].rstrip('.')}",
        *(note.rstrip(";") for note in notes),
    ]  # fmt: skip
    parts = ["\n".join(head)]
    for title, steps in (("-- upgrade", there), ("-- downgrade", back)):
        parts += [title, *(part for part in steps if not part.startswith(NOTES))]
    return "\n\n".join(parts) + "\n"


def _offline(step: Any, dialect: Dialect) -> list[str]:
    """The statements that Alembic writes for a step, each ended by a semicolon."""
    written = io.StringIO()
    context = MigrationContext.configure(dialect=dialect, opts={"as_sql": True, "output_buffer": written})
    with Operations.context(context):
        step()
    return [part.strip() for part in re.split(r"\n\s*\n", written.getvalue()) if part.strip()]


def rendered() -> Iterator[tuple[Path, str]]:
    """All files, each with its text."""
    for name, (dialect, tables) in DIALECTS.items():
        yield DDL / f"{name}.sql", render(dialect, tables)
        for script in scripts():
            yield DDL / "revisions" / f"{script.revision}.{name}.sql", render_revision(script, dialect)


def main() -> int:
    check = "--check" in sys.argv[1:]
    stale = 0
    for path, text in rendered():
        if check:
            if not path.exists() or path.read_text() != text:
                print(f"{path} is stale: run python tools/render_ddl.py", file=sys.stderr)
                stale = 1
        else:
            path.write_text(text)
    return stale


if __name__ == "__main__":
    sys.exit(main())
