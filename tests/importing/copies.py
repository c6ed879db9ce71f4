"""Databases of Pegasus behind servers: real ones, copied table by table from its files."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

_DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "mariadb": "mysql+pymysql"}


def copied(path: Path, url: str) -> None:
    """Make the tables of a file of Pegasus in the empty database at ``url``, as SQLAlchemy declares them there, with
    all rows."""
    kind, _, place = url.partition("://")
    target = sa.create_engine(f"{_DRIVERS[kind.partition('+')[0]]}://{place}")
    source = sa.create_engine(f"sqlite:///{path}")
    declared = sa.MetaData()
    declared.reflect(source)
    for table in declared.tables.values():
        for column in table.columns:
            column.server_default = None
            column.type = sa.BigInteger() if isinstance(column.type, sa.Integer) else column.type.as_generic()
        for constraint in list(table.constraints):
            if isinstance(constraint, sa.ForeignKeyConstraint | sa.CheckConstraint):
                table.constraints.discard(constraint)
    declared.create_all(target)
    with closing(sqlite3.connect(path)) as rows, target.begin() as there:
        for table in declared.sorted_tables:
            names = [c.name for c in table.columns]
            found = rows.execute(f'SELECT {", ".join(chr(34) + n + chr(34) for n in names)} FROM "{table.name}"')
            values = [dict(zip(names, row, strict=True)) for row in found]
            for column in table.columns:
                if isinstance(column.type, sa.Boolean):
                    for value in values:
                        value[column.name] = bool(value[column.name])
            if values:
                there.execute(table.insert(), values)
    source.dispose()
    target.dispose()
