"""The rows of a long list of jobs, of which only the pages around those that are seen are here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from stampede.query import Reader
from stampede.query.overview import JobLine, Wanted, count_jobs, jobs_page

PAGE: Final = 100
#: pages that are kept, at most
_KEPT: Final = 8


class Found(msgspec.Struct):
    """How many jobs there are, and the pages that were asked for, by their numbers."""

    wanted: Wanted
    count: int
    pages: dict[int, list[JobLine]]


def read_pages(reader: Reader, wanted: Wanted, numbers: Iterable[int], known: dict[int, list[JobLine]]) -> Found:
    """The pages with these numbers. One beside a known page begins at its edge, others are counted out."""
    count = count_jobs(reader, wanted)
    last = max(count - 1, 0) // PAGE
    found: dict[int, list[JobLine]] = {}
    for n in sorted({min(n, last) for n in numbers}):
        found[n] = _page(reader, wanted, n, {**known, **found})
    return Found(wanted, count, found)


def _page(reader: Reader, wanted: Wanted, n: int, known: dict[int, list[JobLine]]) -> list[JobLine]:
    before, after = known.get(n - 1), known.get(n + 1)
    if before:
        return jobs_page(reader, wanted, after=before[-1].key, limit=PAGE)
    if after:
        return jobs_page(reader, wanted, before=after[0].key, limit=PAGE)
    return jobs_page(reader, wanted, offset=n * PAGE, limit=PAGE)


class Pages:
    """The pages that are here. Memory does not follow the length of the list."""

    def __init__(self) -> None:
        self.wanted: Wanted | None = None
        self.count = 0
        self._pages: dict[int, list[JobLine]] = {}

    def row(self, at: int) -> JobLine | None:
        """A row, if it is here."""
        page = self._pages.get(at // PAGE, [])
        return page[at % PAGE] if at % PAGE < len(page) else None

    def here(self) -> Iterator[JobLine]:
        """All rows that are here."""
        for page in self._pages.values():
            yield from page

    def needed(self, first: int, last: int) -> list[int]:
        """Numbers of the pages of these rows."""
        return list(range(max(first, 0) // PAGE, max(last, first, 0) // PAGE + 1))

    def missing(self, first: int, last: int) -> list[int]:
        """Numbers of the pages of these rows that are not here."""
        return [n for n in self.needed(first, min(last, self.count - 1)) if n not in self._pages]

    def known(self) -> dict[int, list[JobLine]]:
        """The pages that are here."""
        return dict(self._pages)

    def renew(self, found: Found) -> None:
        """A new reading: what was here is of yesterday."""
        self.wanted, self.count, self._pages = found.wanted, found.count, dict(found.pages)

    def add(self, found: Found) -> None:
        """More pages of the same list; of those that are far away some are forgotten."""
        if found.wanted != self.wanted:
            return
        self._pages |= found.pages
        near = min(found.pages, default=0)
        for n in sorted(self._pages, key=lambda n: abs(n - near))[_KEPT:]:
            del self._pages[n]

    def find(self, job_id: int) -> int | None:
        """Where a job stands, if its row is here."""
        return next(
            (n * PAGE + i for n, page in self._pages.items() for i, line in enumerate(page) if line.job_id == job_id),
            None,
        )
