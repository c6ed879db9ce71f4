"""The zone of a submit directory's local times.

``dagman.out`` and the job event logs carry the local time of the submit host and no zone, so that the same text means
another instant when it is read elsewhere. :class:`Clock` turns such text into epoch seconds under one zone;
:func:`infer_offset` finds that zone from places that tell both the local text and the true instant:

* ``start_time`` (epoch) of the ``.dag.metrics`` file and the first ``dagman.out`` line of the same run;
* the ``timestamp`` of ``braindump.yml`` (``20261121T213846+0000``) and the planner's lines beside it;
* kickstart records, whose times carry an offset, and the EXECUTE and TERMINATED events around them;
* ``Job terminated ... at 2026-11-21T21:35:27Z`` inside an event whose head has the local time.

Nothing here is global: the machine's own zone comes in as an argument (:func:`system_zone` reads it once).
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

_QUARTER = 900
_HOUR = 3600
_DAY = 86400
#: Offsets in use on Earth reach from -12:00 to +14:00.
_MIN_OFFSET, _MAX_OFFSET = -12 * _HOUR, 14 * _HOUR
#: A pair whose two times differ by more than this from a whole quarter of an hour was not taken at one instant.
_SLACK = 300.0
#: The memo of minutes is emptied at this size: two months of distinct minutes.
_MEMO = 100_000

_SECONDS = {f"{s:02d}": float(s) for s in range(61)}
_TAIL = re.compile(r"([.,]\d{1,9})?(Z|[+-]\d\d:?\d\d)?")
_DATE = re.compile(
    r"(?:(?P<iso>\d{4}-\d\d-\d\d)[ T]|(?P<month>\d\d)/(?P<day>\d\d)(?:/(?P<year>\d{4}|\d\d))? )"
    r"(?P<hour>\d\d):(?P<minute>\d\d):",
    re.ASCII,
)


class Clock:
    """Local time of one submit host -> epoch seconds.

    ``zone`` is what the local times are in. ``reference`` (epoch seconds; the file's modification time, or the time of
    a neighbour that carries a year) gives the year to stamps without one: the latest year that does not put the stamp
    more than a day after the reference. Without a reference such stamps are unknown (None).

    Forms read: ``MM/DD/YY HH:MM:SS``, ``MM/DD/YYYY HH:MM:SS``, ``MM/DD HH:MM:SS``, ``YYYY-MM-DD HH:MM:SS`` (or ``T``),
    each with an optional fraction, and an optional ``Z`` or UTC offset that overrules the zone.

    Minutes are remembered, so that a stamp of a minute seen before costs two slices and two dictionary look-ups.
    """

    def __init__(self, zone: tzinfo = UTC, *, reference: float | None = None) -> None:
        self.zone = zone
        self.reference = reference
        self._minutes: dict[str, float] = {}
        self._twice: dict[str, tuple[float, float]] = {}

    @classmethod
    def fixed(cls, offset_s: int, *, reference: float | None = None) -> Clock:
        """A clock that is ``offset_s`` seconds east of UTC all year."""
        return cls(timezone(timedelta(seconds=offset_s)), reference=reference)

    @classmethod
    def named(cls, name: str, *, reference: float | None = None) -> Clock:
        """A clock by the rules of an IANA zone. Raises ``zoneinfo.ZoneInfoNotFoundError`` for a name unknown here."""
        return cls(ZoneInfo(name), reference=reference)

    def epoch(self, text: str, near: float | None = None) -> float | None:
        """Epoch seconds of a stamp, None for text that is no stamp of a known form.

        ``near`` is the time of the line before: in the hour that a clock set back runs through twice, the first pass is
        taken unless that would lie before ``near`` (by more than a minute). Without it the first pass is taken.
        """
        if len(text) == 17 and (base := self._minutes.get(text[:15])) is not None:
            second = _SECONDS.get(text[15:])
            return None if second is None else base + second
        if len(text) == 19 and (base := self._minutes.get(text[:17])) is not None:
            second = _SECONDS.get(text[17:])
            return None if second is None else base + second
        return self._slow(text, near)

    def local(self, ts: float) -> datetime:
        """The instant as this clock shows it (aware)."""
        return datetime.fromtimestamp(ts, self.zone)

    def _slow(self, text: str, near: float | None) -> float | None:
        head = _DATE.match(text)
        if head is None:
            return None
        cut = head.end()
        second = _SECONDS.get(text[cut : cut + 2])
        tail = _TAIL.fullmatch(text, cut + 2)
        if second is None or tail is None:
            return None
        if tail[1]:
            second += float("0." + tail[1][1:])
        key = text[:cut]
        if tail[2]:
            naive = self._naive(head)
            return None if naive is None else naive - _zone_offset(tail[2]) + second
        base = self._minute(key, head, near if near is None else near - second)
        return None if base is None else base + second

    def _minute(self, key: str, head: re.Match[str], near: float | None) -> float | None:
        known = self._minutes.get(key)
        if known is not None:
            return known
        both = self._twice.get(key)
        if both is None:
            naive = self._naive(head)
            if naive is None:
                return None
            both = self._candidates(naive)
            if len(self._minutes) + len(self._twice) > _MEMO:
                self._minutes.clear()
                self._twice.clear()
            if both[0] == both[1]:
                self._minutes[key] = both[0]
                return both[0]
            self._twice[key] = both
        first, second = both
        return first if near is None or first >= near - 60 else second

    def _candidates(self, naive: float) -> tuple[float, float]:
        """The instants a local time may mean: one, or two in the hour that happens twice."""
        local = datetime.fromtimestamp(naive, UTC).replace(tzinfo=self.zone)
        try:
            first = local.utcoffset() or timedelta()
            second = local.replace(fold=1).utcoffset() or timedelta()
        except (OverflowError, ValueError):
            return naive, naive
        if second >= first:  # equal, or a time that a clock set forward skipped: read it with the offset before
            return (only := naive - first.total_seconds()), only
        return naive - first.total_seconds(), naive - second.total_seconds()

    def _naive(self, head: re.Match[str]) -> float | None:
        """The stamp's minute as if it were UTC."""
        clock = f"{head['hour']}:{head['minute']}"
        if head["iso"]:
            return _naive_epoch(f"{head['iso']} {clock}")
        year = head["year"]
        day = f"{head['month']}-{head['day']} {clock}"
        if year is not None:
            return _naive_epoch(f"{int(year) + 2000 if len(year) == 2 else int(year):04d}-{day}")
        if self.reference is None:
            return None
        latest = datetime.fromtimestamp(self.reference, UTC).year + 1
        for candidate in range(latest, max(latest - 10, 1), -1):  # ten years hold a 29 February even around 2100
            naive = _naive_epoch(f"{candidate:04d}-{day}")
            if naive is not None and self._candidates(naive)[0] <= self.reference + _DAY:
                return naive
        return None


def _naive_epoch(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
    except (ValueError, OverflowError):
        return None


def _zone_offset(text: str) -> int:
    if text == "Z":
        return 0
    seconds = int(text[1:3]) * _HOUR + int(text[-2:]) * 60
    return -seconds if text[0] == "-" else seconds


def system_zone() -> tzinfo:
    """The zone of this machine: ``TZ`` if it names one, else ``/etc/localtime``, else the offset in force now."""
    name = os.environ.get("TZ", "").lstrip(":")
    if name:
        try:
            return ZoneInfo(name)
        except (OSError, ValueError):  # ZoneInfoNotFoundError is a KeyError: a POSIX rule such as CET-1CEST
            return datetime.now().astimezone().tzinfo or UTC
        except KeyError:
            return datetime.now().astimezone().tzinfo or UTC
    try:
        with Path("/etc/localtime").open("rb") as file:
            return ZoneInfo.from_file(file, key=_localtime_name())
    except (OSError, ValueError):
        return datetime.now().astimezone().tzinfo or UTC


def _localtime_name() -> str | None:
    target = os.path.realpath("/etc/localtime")
    _, found, name = target.partition("zoneinfo/")
    return name if found else None


class Switched(tzinfo):
    """A zone known only by measurement: one offset before an instant, another from it on."""

    def __init__(self, before_s: int, after_s: int, switch: float) -> None:
        self.before_s = before_s
        self.after_s = after_s
        self.switch = switch

    def _offset(self, local: datetime | None) -> int:
        if local is None:
            return self.before_s
        naive = local.replace(tzinfo=UTC).timestamp()
        is_before = naive - self.before_s < self.switch
        is_after = naive - self.after_s >= self.switch
        if is_before and is_after:  # the hour that happens twice
            return self.after_s if local.fold else self.before_s
        if not is_before and not is_after:  # the hour that was skipped
            return self.after_s if local.fold else self.before_s
        return self.before_s if is_before else self.after_s

    def utcoffset(self, local: datetime | None) -> timedelta:
        return timedelta(seconds=self._offset(local))

    def dst(self, _local: datetime | None) -> timedelta | None:
        return None

    def tzname(self, local: datetime | None) -> str:
        return str(timezone(self.utcoffset(local)))

    def fromutc(self, moment: datetime) -> datetime:
        ts = moment.replace(tzinfo=UTC).timestamp()
        offset = self.before_s if ts < self.switch else self.after_s
        local = (moment.replace(tzinfo=None) + timedelta(seconds=offset)).replace(tzinfo=self)
        back = self.before_s > self.after_s and self.switch <= ts < self.switch + self.before_s - self.after_s
        return local.replace(fold=1) if back else local


class ZoneGuess(msgspec.Struct, frozen=True):
    """What the pairs say. ``offset_s``: seconds east of UTC that most of them showed; ``how``: ``machine`` (the rules
    of the machine's zone fit), ``fixed`` or ``switched``; ``used`` and ``ignored`` count the pairs."""

    zone: tzinfo
    offset_s: int
    how: str
    used: int
    ignored: int


def infer_offset(pairs: Iterable[tuple[str, float]], *, machine_zone: tzinfo | None = None) -> ZoneGuess | None:
    """The zone of local stamps, from pairs (stamp as written, true epoch seconds of about that instant).

    Each pair's difference is rounded to a quarter of an hour; pairs further than five minutes from one, outside
    -12:00..+14:00, or without a readable stamp are ignored. If every remaining pair agrees with ``machine_zone`` at
    its instant, its rules are taken, so that the change of daylight saving time is right beyond the pairs too. Else,
    if they show exactly two offsets one hour apart, the earlier before and the later after a point, the zone switches
    between them: on the Sunday between the two at 02:00 by the earlier offset if there is exactly one, else midway.
    Else the most frequent offset holds throughout. None when no pair is usable.
    """
    measured: list[tuple[float, int]] = []
    ignored = 0
    for text, ts in pairs:
        offset = _measure(text, ts)
        if offset is None:
            ignored += 1
        else:
            measured.append((ts, offset))
    if not measured:
        return None
    measured.sort()
    counts = Counter(offset for _, offset in measured)
    most = counts.most_common(1)[0][0]
    if machine_zone is not None and all(_offset_at(machine_zone, ts) == offset for ts, offset in measured):
        return ZoneGuess(machine_zone, most, "machine", len(measured), ignored)
    switched = _switch(measured) if len(counts) == 2 else None
    if switched is not None:
        return ZoneGuess(switched, most, "switched", len(measured), ignored)
    fixed = timezone(timedelta(seconds=most))
    return ZoneGuess(fixed, most, "fixed", counts[most], ignored + len(measured) - counts[most])


def _measure(text: str, ts: float) -> int | None:
    local = Clock(UTC, reference=ts).epoch(text)
    if local is None or not abs(ts) < 1e11:
        return None
    difference = local - ts
    offset = round(difference / _QUARTER) * _QUARTER
    if abs(difference - offset) > _SLACK or not _MIN_OFFSET <= offset <= _MAX_OFFSET:
        return None
    return offset


def _offset_at(zone: tzinfo, ts: float) -> int | None:
    try:
        found = datetime.fromtimestamp(ts, zone).utcoffset()
    except (OverflowError, OSError, ValueError):
        return None
    return None if found is None else int(found.total_seconds())


def _switch(measured: list[tuple[float, int]]) -> Switched | None:
    before, after = measured[0][1], measured[-1][1]
    cut = next((i for i, (_, offset) in enumerate(measured) if offset != before), len(measured))
    if abs(before - after) != _HOUR or any(offset != after for _, offset in measured[cut:]):
        return None
    low, high = measured[cut - 1][0], measured[cut][0]
    return Switched(before, after, _sunday(low, high, before) or (low + high) / 2)


def _sunday(low: float, high: float, offset: int) -> float | None:
    """The one Sunday, 02:00 by ``offset``, between two instants; None for none or several."""
    week = 7 * _DAY
    first = 3 * _DAY + 2 * _HOUR - offset  # 1970-01-04 was a Sunday
    candidate = low + (first - low) % week
    return candidate if candidate <= high < candidate + week else None
