"""Text of a recorded run, moved: its times are those of the replay, its uuids and folders new ones.

Forms of times: DAGMan's ``11/21/26 21:13:29`` and HTCondor's ``2026-11-21 21:13:29`` in the local time of the machine
that wrote them, ISO 8601 with a zone (kickstart), ``20261121T211311+0000`` (braindump), epoch seconds (metrics). What
lies more than a day before or after the run is none of its times, and stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from stampede.replaying.times import TimeMap
from stampede.sources.dagman.clock import Clock

_LOCAL: Final = rb"(?P<local>\b\d\d/\d\d/\d\d \d\d:\d\d:\d\d)"
_ISO: Final = (
    rb"(?P<iso>\b\d{4}-\d\d-\d\d)(?P<t>[T ])(?P<clock>\d\d:\d\d:\d\d)(?P<part>\.\d+)?(?P<zone>Z|[+-]\d\d:?\d\d(?!\d))?"
)
_COMPACT: Final = rb"(?P<compact>\b\d{8}T\d{6})(?P<away>[+-]\d{4})"
_EPOCH: Final = rb"(?P<epoch>(?<![\w.-])\d{10})(?P<rest>\.\d+)?(?![\w.])"
_TIME: Final = re.compile(b"|".join((_LOCAL, _ISO, _COMPACT, _EPOCH)))
_MARGIN_S: Final = 86_400.0


class Stamps:
    """Moves text. ``clock`` is that of the recording, ``replaced`` names what else becomes what (uuids, folders)."""

    def __init__(self, times: TimeMap, clock: Clock, replaced: Mapping[bytes, bytes]) -> None:
        self._times = times
        self._clock = clock
        self._low, self._high = times.first - _MARGIN_S, times.last + _MARGIN_S
        self._replaced = dict(replaced)
        longest_first = sorted(map(re.escape, replaced), key=len, reverse=True)
        self._words = re.compile(b"|".join(longest_first)) if replaced else None

    def moved(self, data: bytes) -> bytes:
        """The text as the replay has it."""
        if self._words is not None:
            data = self._words.sub(lambda found: self._replaced[found[0]], data)
        return _TIME.sub(self._time, data)

    def _time(self, found: re.Match[bytes]) -> bytes:
        if found["local"]:
            return self._local(found["local"], "%m/%d/%y %H:%M:%S", found[0])
        if found["iso"]:
            return self._iso(found)
        if found["compact"]:
            return self._compact(found)
        ts = float(found["epoch"])
        moved = self._to(ts)
        return found[0] if moved is None else b"%d" % moved + (found["rest"] or b"")

    def _to(self, ts: float | None) -> float | None:
        return self._times(ts) if ts is not None and self._low <= ts <= self._high else None

    def _local(self, text: bytes, form: str, whole: bytes) -> bytes:
        moved = self._to(self._clock.epoch(text.decode()))
        return whole if moved is None else self._clock.local(moved).strftime(form).encode()

    def _iso(self, found: re.Match[bytes]) -> bytes:
        day, clock = found["iso"].decode(), found["clock"].decode()
        if not found["zone"]:
            return self._local(f"{day} {clock}".encode(), f"%Y-%m-%d{found['t'].decode()}%H:%M:%S", found[0]) + (
                found["part"] or b"" if self._to(self._clock.epoch(f"{day} {clock}")) is not None else b""
            )
        try:
            then = datetime.fromisoformat(f"{day}T{clock}{(found['zone'] or b'').decode()}")
        except ValueError:
            return found[0]
        moved = self._to(then.timestamp() + float(found["part"] or 0))
        if moved is None:
            return found[0]
        whole, part = divmod(moved, 1)
        text = datetime.fromtimestamp(whole, then.tzinfo or UTC).strftime(f"%Y-%m-%d{found['t'].decode()}%H:%M:%S")
        digits = len(found["part"] or b"") - 1
        fraction = f"{part:.{digits}f}"[1:] if digits > 0 and round(part, digits) < 1 else "." + "9" * digits
        return (text + (fraction if digits > 0 else "")).encode() + found["zone"]

    def _compact(self, found: re.Match[bytes]) -> bytes:
        hours, minutes = int(found["away"][1:3]), int(found["away"][3:5])
        away = timedelta(hours=hours, minutes=minutes) * (-1 if found["away"][:1] == b"-" else 1)
        try:
            then = datetime.strptime(found["compact"].decode(), "%Y%m%dT%H%M%S").replace(tzinfo=timezone(away))
        except ValueError:
            return found[0]
        moved = self._to(then.timestamp())
        if moved is None:
            return found[0]
        return datetime.fromtimestamp(int(moved), then.tzinfo).strftime("%Y%m%dT%H%M%S").encode() + found["away"]
