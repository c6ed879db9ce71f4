"""How ``jobstate`` lies in a PostgreSQL, by its catalogue
(https://www.postgresql.org/docs/15/catalog-pg-class.html)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

import msgspec

from stampede.store.months.month import FIRST_YEAR, Month

#: asks the database: the rows of a statement of its own
Ask = Callable[[str], Iterable[tuple[Any, ...]]]

_TABLE: Final = (
    "SELECT c.oid, c.relkind, pg_get_partkeydef(c.oid), quote_ident(pg_get_userbyid(c.relowner)), "
    "quote_ident(current_user) "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = current_schema() AND c.relname = 'jobstate'"
)
_PARTS: Final = (
    "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid), c.reltuples, pg_table_size(c.oid), pg_indexes_size(c.oid) "
    "FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = {oid}"
)
_BOUNDS: Final = re.compile(r"FROM \((.+)\) TO \((.+)\)")
_EDGES: Final = {"MINVALUE": -math.inf, "MAXVALUE": math.inf}

#: what others put on the table, which would be lost or go on with what it was made from
_OTHERS: Final = """
SELECT 'the trigger ' || tgname FROM pg_trigger WHERE tgrelid = {oid} AND NOT tgisinternal
UNION SELECT 'the policy ' || polname FROM pg_policy WHERE polrelid = {oid}
UNION SELECT 'the constraint ' || conname FROM pg_constraint
    WHERE (conrelid = {oid} OR confrelid = {oid}) AND contype <> 'p'
UNION SELECT 'the index ' || c.relname FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
    WHERE x.indrelid = {oid} AND NOT x.indisprimary AND c.relname <> 'jobstate_row_idx'
UNION SELECT 'the publication ' || pubname FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
    WHERE r.prrelid = {oid}
UNION SELECT 'rights on the column ' || attname FROM pg_attribute WHERE attrelid = {oid} AND attacl IS NOT NULL
UNION SELECT 'the view ' || v.relname FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid
    JOIN pg_class v ON v.oid = r.ev_class
    WHERE d.classid = 'pg_rewrite'::regclass AND d.refobjid = {oid} AND v.relpersistence <> 't'
UNION SELECT 'the heir ' || c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = {oid} AND NOT c.relispartition
ORDER BY 1"""
_GRANTS: Final = (
    "SELECT a.privilege_type, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END, "
    "a.is_grantable FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = {oid} AND a.grantee <> c.relowner "
    "ORDER BY 2, 1"
)
_VIEWERS: Final = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    # of others' sessions a role without rights to it is told no more than that they are there
    "AND (backend_type IS NULL OR (backend_type = 'client backend' AND backend_xmin IS NOT NULL "
    "AND coalesce(wait_event, '') NOT IN ('transactionid', 'tuple')))"  # who waits for the turn to write
)
_FILLED: Final = (
    "SELECT CAST(extract(year FROM m) AS int), CAST(extract(month FROM m) AS int), CAST(sum(n) AS bigint) FROM "
    "(SELECT date_trunc('month', to_timestamp(\"timestamp\") AT TIME ZONE 'UTC') AS m, count(*) AS n FROM {table} "
    'WHERE "timestamp" >= {first} AND "timestamp" < {end} GROUP BY 1) AS months GROUP BY 1, 2 ORDER BY 1, 2'
)


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A partition: which times (epoch seconds, the end is outside) it holds, both None for the rest. ``rows`` is what
    the server believes, None while it never looked."""

    table: str
    month: str | None
    first_ts: float | None
    end_ts: float | None
    rows: int | None
    size_bytes: int
    index_bytes: int

    @property
    def is_rest(self) -> bool:
        """Whether it takes what no other does."""
        return self.first_ts is None

    def meets(self, month: Month) -> bool:
        """Whether it holds times of a month."""
        return self.first_ts is not None and self.end_ts is not None and (
            self.first_ts < month.end_ts and month.first_ts < self.end_ts
        )  # fmt: skip


class Standing(NamedTuple):
    """How the table lies: partitioned by what (None: not at all), its parts by time and the rest last (none where
    others laid it out by something else), who owns it, and as whom we ask, both quoted."""

    oid: int
    by: str | None
    parts: list[Part]
    owner: str
    user: str

    @property
    def rest(self) -> Part | None:
        """The partition for what has no other."""
        return next((p for p in self.parts if p.is_rest), None)

    def has(self, month: Month) -> bool:
        """Whether a partition holds times of a month."""
        return any(p.meets(month) for p in self.parts)


#: how a table is partitioned that is laid out by months, as the server says it
BY_TIME: Final = 'RANGE ("timestamp")'


def standing(ask: Ask) -> Standing:
    """How the table lies. It has to be there."""
    ((oid, kind, key, owner, user),) = ask(_TABLE)
    if kind != "p":
        return Standing(oid, None, [], owner, user)
    parts = [_part(*row) for row in ask(_PARTS.format(oid=oid))] if key == BY_TIME else []
    parts.sort(key=lambda p: (p.is_rest, p.first_ts or 0.0, p.table))
    return Standing(oid, key, parts, owner, user)


def _part(table: str, bound: str, rows: float, size: int, index: int) -> Part:
    found = _BOUNDS.search(bound)
    first, end = (None, None) if found is None else (_bound(found[1]), _bound(found[2]))
    month = None
    if first is not None and end is not None and math.isfinite(first) and math.isfinite(end):
        own = Month.of(first)
        month = own.name if (own.first_ts, own.end_ts) == (first, end) else None
    return Part(table=table, month=month, first_ts=first, end_ts=end, rows=None if rows < 0 else int(rows),
                size_bytes=size, index_bytes=index)  # fmt: skip


def _bound(said: str) -> float:
    edge = _EDGES.get(said)
    return float(said.strip("'")) if edge is None else edge


def others(ask: Ask, found: Standing) -> list[str]:
    """What others put on the table, each named."""
    return [said for (said,) in ask(_OTHERS.format(oid=found.oid))]


def grants(ask: Ask, oid: int) -> list[tuple[str, str, bool]]:
    """The rights that others have on a table or sequence: which, who, and whether they may give it on."""
    return [(right, who, bool(on)) for right, who, on in ask(_GRANTS.format(oid=oid))]


def numbering(ask: Ask) -> tuple[int, str]:
    """The sequence that numbers states, by number and by name."""
    ((oid, name),) = ask(
        "SELECT c.oid, quote_ident(c.relname) FROM pg_class c "
        "WHERE c.oid = CAST(pg_get_serial_sequence('jobstate', 'row_id') AS regclass)"
    )
    return oid, name


def columns(ask: Ask, found: Standing) -> tuple[str, ...]:
    """The columns of the table, quoted."""
    rows = ask(
        f"SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = {found.oid} AND attnum > 0 "
        "AND NOT attisdropped ORDER BY attnum"
    )
    return tuple(name for (name,) in rows)


def filled(ask: Ask, table: str, end: Month) -> list[tuple[Month, int]]:
    """The months before ``end`` that a partition has rows of, and how many."""
    rows = ask(_FILLED.format(table=f'"{table}"', first=Month(FIRST_YEAR, 1).first_ts, end=end.first_ts))
    return [(Month(year, number), many) for year, number, many in rows]


def has_rows_of(ask: Ask, table: str, month: Month) -> bool:
    """Whether a partition has rows of a month."""
    inside = f'"timestamp" >= {month.first_ts} AND "timestamp" < {month.end_ts}'
    return bool(list(ask(f'SELECT 1 FROM "{table}" WHERE {inside} LIMIT 1')))


def viewers(ask: Ask) -> int:
    """How many other sessions see one state of the database for as long as they ask, or may do so."""
    ((many,),) = ask(_VIEWERS)
    return int(many)


def is_empty(ask: Ask, table: str) -> bool:
    """Whether a partition has no rows."""
    return not list(ask(f'SELECT 1 FROM "{table}" LIMIT 1'))
