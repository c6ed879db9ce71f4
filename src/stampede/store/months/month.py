"""Months of UTC, by which states lie in partitions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, NamedTuple

#: no state is of before: what says so stays with the rest
FIRST_YEAR: Final = 2000


class Month(NamedTuple):
    """A month of UTC; months compare by time."""

    year: int
    number: int

    @classmethod
    def of(cls, ts: float) -> Month:
        """The month that a time (epoch seconds) lies in."""
        then = datetime.fromtimestamp(ts, UTC)
        return cls(then.year, then.month)

    def after(self, months: int) -> Month:
        """The month that comes so many later."""
        years, number = divmod(self.number - 1 + months, 12)
        return Month(self.year + years, number + 1)

    @property
    def first_ts(self) -> int:
        """When it begins."""
        return int(datetime(self.year, self.number, 1, tzinfo=UTC).timestamp())

    @property
    def end_ts(self) -> int:
        """When the next one begins."""
        return self.after(1).first_ts

    @property
    def name(self) -> str:
        """As people write it: ``2026-01``."""
        return f"{self.year:04}-{self.number:02}"

    @property
    def table(self) -> str:
        """The partition that holds it."""
        return f"jobstate_{self.year:04}_{self.number:02}"
