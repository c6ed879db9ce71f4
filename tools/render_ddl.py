"""Write ``src/stampede/store/ddl/<dialect>.sql`` from the tables declared in ``stampede.store.schema``.

python tools/render_ddl.py            write the files
python tools/render_ddl.py --check    exit 1 when a file differs from what would be written
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

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
DDL = Path(__file__).resolve().parent.parent / "src" / "stampede" / "store" / "ddl"
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


def main() -> int:
    check = "--check" in sys.argv[1:]
    stale = 0
    for name, (dialect, tables) in DIALECTS.items():
        path, text = DDL / f"{name}.sql", render(dialect, tables)
        if check:
            if not path.exists() or path.read_text() != text:
                print(f"{path} is stale: run python tools/render_ddl.py", file=sys.stderr)
                stale = 1
        else:
            path.write_text(text)
    return stale


if __name__ == "__main__":
    sys.exit(main())
