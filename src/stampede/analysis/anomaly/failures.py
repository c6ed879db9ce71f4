"""Failures that come more often than they did: per transformation and per host, at the moment it becomes clear.

A cumulative sum of log likelihood ratios (Page 1954): each ended try speaks for "as before" or for "much more often",
and the sum, which never falls below zero, tells how much recent tries together speak for the latter.
"""

from __future__ import annotations

from math import log
from typing import Final

import msgspec

#: failures and tries that every rate is thought to have had before anything was seen: one in twenty
_PRIOR_FAILED: Final = 0.5
_PRIOR_TRIES: Final = 10.0
#: what "much more often" means: so many times the usual rate, and never less than this share
_TIMES: Final = 4.0
_LEAST: Final = 0.3
_MOST: Final = 0.9
#: logarithm of the likelihood ratio from which on it is told (400 to 1), and the least number of failures; among many
#: tries chance has many chances, so that the ratio asked for grows with their square, from about so many on
_ALARM: Final = 6.0
_CHANCES: Final = 50.0
_FAILURES: Final = 3
#: rates kept; more transformations and hosts than these are not followed
_MOST_RATES: Final = 10_000


class Jump(msgspec.Struct, frozen=True):
    """``failed`` of the last ``tries`` tries failed where a share of ``usual`` had; since the time ``since_ts``."""

    failed: int
    tries: int
    usual: float
    since_ts: float
    score: float


class _Rate:
    __slots__ = ("failed", "recent_failed", "recent_tries", "since_ts", "sum", "told", "tries")

    def __init__(self) -> None:
        self.failed = 0.0
        self.tries = 0.0
        self.sum = 0.0
        self.recent_failed = 0
        self.recent_tries = 0
        self.since_ts = 0.0
        self.told = 0


class FailureRates:
    """The failure rate of everything that has a name. Memory grows with names, up to a bound."""

    def __init__(self) -> None:
        self._rates: dict[str, _Rate] = {}

    def begin_run(self) -> None:
        """A new run: what was clear in the last one is not clear in this."""
        for rate in self._rates.values():
            _settle(rate)

    def learn(self, name: str, failed: bool, ts: float) -> Jump | None:
        """Take in the end of a try; a jump when one becomes clear, and again whenever its failures have doubled."""
        rate = self._rates.get(name)
        if rate is None:
            if len(self._rates) >= _MOST_RATES:
                return None
            rate = self._rates[name] = _Rate()
        usual = (rate.failed + _PRIOR_FAILED) / (rate.tries + _PRIOR_TRIES)
        much = min(max(_TIMES * usual, _LEAST), _MOST)
        if usual >= much:
            rate.failed, rate.tries = rate.failed + failed, rate.tries + 1
            return None
        if not rate.sum:
            if not failed:
                rate.tries += 1
                return None
            rate.since_ts = ts
        rate.recent_tries += 1
        rate.recent_failed += failed
        rate.sum = max(0.0, rate.sum + (log(much / usual) if failed else log((1 - much) / (1 - usual))))
        if not rate.sum:
            _settle(rate)
            return None
        needed = _ALARM + 2.0 * log(1.0 + rate.tries / _CHANCES)
        clear = rate.sum >= needed and rate.recent_failed >= max(_FAILURES, 2 * rate.told)
        if not (failed and clear):
            return None
        rate.told = rate.recent_failed
        return Jump(rate.recent_failed, rate.recent_tries, usual, rate.since_ts, rate.sum)


def _settle(rate: _Rate) -> None:
    """What seemed to be a jump is part of the usual."""
    rate.failed += rate.recent_failed
    rate.tries += rate.recent_tries
    rate.sum, rate.recent_failed, rate.recent_tries, rate.told = 0.0, 0, 0, 0
