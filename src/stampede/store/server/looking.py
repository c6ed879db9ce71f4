"""When a server is to look at its tables (``ANALYZE``), so that it plans well.

A server that knows nothing of new tables plans badly, but looking at all tables of a large database takes seconds, and
who writes a little into it changes nothing of what is known. So a table is looked at when what this connection wrote to
it is much against the rows that the server believes it to have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

from stampede.store.server import shapes

#: while a connection goes on: rows written to a table, at least, and as a share of those known of
_FIRST: Final = 5_000
_GROWN: Final = 2.0
#: when it has come to its end
_LAST_FIRST: Final = 50
_LAST_GROWN: Final = 0.2


class Looking:
    """Counts the rows that a connection writes, and has the server look at tables.

    ``known`` answers how many rows the server believes its tables to have, those apart that it never looked at;
    ``look`` has it look at tables. Exceptions of both come out.
    """

    def __init__(self, known: Callable[[], Mapping[str, float]], look: Callable[[list[str]], None]) -> None:
        self._ask = known
        self._look = look
        #: rows written to each table since we had the server look at it
        self._written: Counter[str] = Counter()
        self._known: Mapping[str, float] = {}

    def wrote(self, table: str, rows: int) -> None:
        """So many rows were inserted into the table, or changed there."""
        self._written[table] += rows

    def committed(self) -> None:
        """Look at tables of which most is new."""
        self._worth(_FIRST, _GROWN)

    def settled(self) -> None:
        """Look at tables that have changed noticeably: nothing more comes from this connection."""
        self._worth(_LAST_FIRST, _LAST_GROWN)

    def _worth(self, least: int, share: float) -> None:
        if not self._changed(least, share):
            return
        self._known = self._ask()  # others may have written, and had it look, since
        changed = self._changed(least, share)
        if changed:
            # what is empty or small is to be known as such, too
            tables = sorted({*changed, *(name for name in shapes.names() if name not in self._known)})
            self._look(tables)
            self._known = self._ask()
            for table in tables:
                del self._written[table]

    def _changed(self, least: int, share: float) -> list[str]:
        known = self._known
        return [t for t, rows in self._written.items() if rows > max(least, share * known.get(t, 0))]
