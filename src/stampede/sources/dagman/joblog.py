"""Reads HTCondor job event logs: ``*.nodes.log``, ``*.dagman.log``, and what jobs name with ``log =``.

An event is a head line ``NNN (cluster.proc.subproc) stamp text``, further lines, and a line of three dots; or a JSON
object; or an XML ``<c>`` element. One file may mix them: DAGMan and the schedd write into it with settings of their
own.

:func:`scan` works on a piece of a file and says up to where it understood it, so that a reader can follow a growing
log; :func:`read_events` reads a whole file in constant memory."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from pathlib import Path

import msgspec

from stampede.files import open_regular
from stampede.sources.dagman import joblog_ads
from stampede.sources.dagman.clock import Clock
from stampede.sources.dagman.joblog_forms import READERS, Details, note
from stampede.sources.dagman.joblog_names import NAMES, event_name
from stampede.sources.dagman.problem import FileProblem, Problems, quote

__all__ = ["MAX_EVENT", "LogEvent", "Scan", "event_name", "read_events", "scan"]

#: An event longer than this is taken for a broken file: real ones have about a kilobyte.
MAX_EVENT = 1 << 20
_CHUNK = 1 << 20
#: far deeper than any ad, whose values are lists and ads of plain values
_MAX_DEPTH = 200
_ODD_LIMIT = 1000
_MANY_BROKEN = 20

_HEAD = re.compile(
    r"(\d{3}) \((-?\d{1,18})\.(-?\d{1,18})\.(-?\d{1,18})\) "
    r"([-\d/]{5,10}[ T]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?) ?([^\n]*)\n?"
)
_NEXT_HEAD = re.compile(rb"\n(?=\d{3} \(-?\d{1,18}\.-?\d{1,18}\.-?\d{1,18}\) )")
_NEXT_ANY = re.compile(_NEXT_HEAD.pattern + rb"|\n(?=\{|<c>)")
_NODE = re.compile(r'DAG Node: ([^\n]*)|DAGNodeName = "((?:[^"\\\n]|\\.)*)"')
_JSON = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}]', re.DOTALL)
_XML = re.compile(rb"</?c>")
_PROLOG = re.compile(rb"(?:<\?xml[^>]*\?>|<!DOCTYPE[^>]*>|</?(?:classads|eventlog)>)")
_BLANKS = re.compile(rb"[ \t\r\n]*")
#: Numbers whose text can name a DAG node; searching the others would only cost time.
_NAMING = frozenset({0, 8, 16, 34, 35})


class LogEvent(msgspec.Struct, gc=False):
    """One event of a job event log.

    ``number`` is HTCondor's, ``name`` its name there (``ULOG_JOB_TERMINATED``). ``ts``: epoch seconds by the clock
    given, None when the stamp says nothing (no year and no reference). ``stamp`` is as written. ``proc`` can be
    negative (cluster events: -1; DAGMan's own failures: ids of -1). ``node`` is known only to events that name it
    (submit, POST script, PRE skip, cluster submit). ``offset`` and ``end`` are bytes from the start of the file: where
    the event begins, and where the next may. ``text`` is the rest of the head line. ``details`` is None when the caller
    did not want them.
    """

    number: int
    name: str
    ts: float | None
    stamp: str
    cluster: int
    proc: int
    subproc: int
    offset: int
    end: int
    node: str | None = None
    text: str = ""
    details: Details | None = None


class Scan(msgspec.Struct):
    """What one piece of a log held. ``end`` is the byte in the file after the last event (or problem) understood:
    the piece to scan next begins there."""

    events: list[LogEvent]
    problems: list[FileProblem]
    end: int


def scan(
    data: bytes,
    offset: int = 0,
    *,
    clock: Clock,
    final: bool = False,
    detailed: Container[int] | None = None,
    path: str = "",
) -> Scan:
    """The complete events of ``data``, which begins at byte ``offset`` of its file.

    With ``final`` nothing will follow: an event without its end is then read as far as it goes, with a problem. Without
    it such an event waits: ``end`` stays before it. ``detailed`` names the event numbers whose details are wanted
    (None: all); the head and the node of the others are read all the same, which is several times faster.
    Never raises on content: a block that is no event becomes a problem, and reading goes on at the next.
    """
    return _Scanner(data, offset, clock, detailed, path, final).run()


def read_events(
    path: Path,
    offset: int = 0,
    *,
    clock: Clock,
    detailed: Container[int] | None = None,
    problems: Problems | None = None,
    whole: bool = True,
) -> Iterator[LogEvent]:
    """Every event of a file from ``offset`` on, in memory independent of its size. Problems go into ``problems``.
    Without ``whole``, an event at the end that has no end itself is left out: it may be being written.
    Raises ``OSError`` when the file cannot be opened or read."""
    with open_regular(path) as file:
        file.seek(offset)
        held = b""
        final = False
        while not final:
            block = file.read(_CHUNK)
            final = not block
            if final and not whole:
                return
            held += block
            result = scan(held, offset, clock=clock, final=final, detailed=detailed, path=str(path))
            yield from result.events
            if problems is not None:
                for found in result.problems:
                    problems.add(found.kind, found.message, found.path, found.offset, found.line)
            held = held[result.end - offset :]
            offset = result.end


class _Scanner:
    def __init__(
        self, data: bytes, offset: int, clock: Clock, detailed: Container[int] | None, path: str, final: bool
    ) -> None:
        self.data = data
        self.base = offset
        self.clock = clock
        self.detailed = detailed
        self.path = path
        self.final = final
        self.events: list[LogEvent] = []
        self.problems = Problems(_ODD_LIMIT)
        self.near: float | None = None
        self._broken = 0
        self._searched = -1
        self._found: tuple[int, int] | None = None

    def run(self) -> Scan:
        data, size = self.data, len(self.data)
        position = 0
        while position < size:
            first = data[position]
            if first in b" \t\r\n":
                position = _BLANKS.match(data, position).end()  # type: ignore[union-attr]
                continue
            if first == 0x7B:
                after = self._json(position)
            elif first == 0x3C:
                after = self._xml(position)
            else:
                after = self._block(position)
            if after is None:
                break
            position = after
        return Scan(self.events, self.problems.all(), self.base + position)

    def _delimiter(self, start: int) -> tuple[int, int] | None:
        """The end of the block that begins at ``start``, and where the next begins; None when it is not there yet."""
        if 0 <= self._searched <= start and (self._found is None or self._found[0] >= start):
            return self._found
        self._searched, self._found = start, self._search(start)
        return self._found

    def _search(self, start: int) -> tuple[int, int] | None:
        data = self.data
        if data.startswith(b"...", start) and (after := self._dots(start)) is not None:
            return start, after
        at = data.find(b"\n...", start)
        while at >= 0:
            after = self._dots(at + 1)
            if after is not None:
                return at + 1, after
            at = data.find(b"\n...", at + 1)
        return None

    def _dots(self, at: int) -> int | None:
        tail = self.data[at + 3 : at + 5]
        if tail[:1] == b"\n":
            return at + 4
        if tail == b"\r\n":
            return at + 5
        return at + 3 + len(tail) if self.final and tail in (b"", b"\r") else None

    def _block(self, start: int) -> int | None:
        """One text event, or whatever stands before the next line of dots."""
        found = self._delimiter(start)
        data = self.data
        if found is not None:
            stop, after = found
            if stop == start:
                return after
            torn = _NEXT_HEAD.search(data, start, stop)
            if torn is None and stop - start <= MAX_EVENT:
                self._text(start, stop, after, whole=True)
                return after
        elif not self.final and len(data) - start <= MAX_EVENT:
            return None
        else:
            torn = _NEXT_HEAD.search(data, start)
        if torn is not None:
            self._text(start, torn.start() + 1, torn.start() + 1, whole=False)
            return torn.start() + 1
        if found is not None:
            self._odd(start, "event-too-long", f"More than {MAX_EVENT} bytes up to the next line of dots: left out.")
            return found[1]
        if not self.final:
            stop = max(len(data) - 4, start + 1)  # the dots may be half here
            self._odd(start, "event-too-long", f"{stop - start} bytes and no line of dots: left out.")
            return stop
        self._text(start, len(data), len(data), whole=False)
        return len(data)

    def _text(self, start: int, stop: int, after: int, *, whole: bool) -> None:
        raw = self.data[start:stop]
        try:
            block = raw.decode()
        except UnicodeDecodeError:
            self._odd(start, "not-utf8", "An event has bytes that are not UTF-8; they are shown as \\xNN.")
            block = raw.decode("utf-8", "backslashreplace")
        if "\r" in block:
            block = block.replace("\r\n", "\n")
        if "\0" in block:
            self._odd(start, "nul-byte", "An event has NUL bytes; they are shown as \\x00.")
            block = block.replace("\0", "\\x00")
        head = _HEAD.match(block)
        if head is None:
            self._odd(start, "not-an-event", f"'{quote(block.partition(chr(10))[0])}' begins no event: left out.")
            return
        if not whole:
            self._odd(start, "torn-event", "An event has no end (a writer died, or the file was cut): read as it is.")
        code, cluster, proc, subproc, stamp, text = head.groups()
        number = int(code)
        event = LogEvent(
            number,
            NAMES.get(number) or event_name(number),
            self._time(stamp, start),
            stamp,
            int(cluster),
            int(proc),
            int(subproc),
            self.base + start,
            self.base + after,
            None,
            text,
        )
        body = block[head.end() :]
        if number in _NAMING and (named := _NODE.search(body)):
            event.node = named[1].strip() if named[1] is not None else named[2].replace('\\"', '"')
        if self.detailed is None or number in self.detailed:
            event.details = READERS.get(number, note)(text, body)
        self.events.append(event)

    def _time(self, stamp: str, start: int) -> float | None:
        ts = self.clock.epoch(stamp, self.near)
        if ts is None:
            self._odd(start, "unknown-time", f"The time '{quote(stamp)}' cannot be placed (no such day, or no year).")
        else:
            self.near = ts
        return ts

    def _json(self, start: int) -> int | None:
        depth = 0
        limit = self._limit(start)
        for mark in _JSON.finditer(self.data, start, limit):
            sign = mark[0]
            depth += 1 if sign == b"{" else -1 if sign == b"}" else 0
            if depth == 0:
                self._ad(start, mark.end(), joblog_ads.from_json(self.data[start : mark.end()]), "JSON")
                return mark.end()
            if depth > _MAX_DEPTH:
                return self._resume(start, "not-an-event", "nests too deep for an event")
        return self._open(start, limit, "JSON")

    def _xml(self, start: int) -> int | None:
        prolog = _PROLOG.match(self.data, start)
        if prolog:
            return prolog.end()
        if self.data.startswith(b"<c>", start):
            limit = self._limit(start)
            depth = 0
            for mark in _XML.finditer(self.data, start, limit):
                depth += -1 if mark[0] == b"</c>" else 1
                if depth == 0:
                    self._ad(start, mark.end(), joblog_ads.from_xml(self.data[start : mark.end()]), "XML")
                    return mark.end()
                if depth > _MAX_DEPTH:
                    return self._resume(start, "not-an-event", "nests too deep for an event")
            return self._open(start, limit, "XML")
        if not self.final and len(self.data) - start < 200 and b"\n" not in self.data[start:]:
            return None
        return self._resume(start, "not-an-event", "begins no event")

    def _limit(self, start: int) -> int:
        """How far an object that begins at ``start`` may reach: no line of dots can be inside one."""
        found = self._delimiter(start)
        return start + MAX_EVENT if found is None else min(found[0], start + MAX_EVENT)

    def _open(self, start: int, limit: int, form: str) -> int | None:
        """A JSON or XML event whose end is not in sight: it is still being written, or will never come."""
        if not self.final and len(self.data) < limit:
            return None
        return self._resume(start, "torn-event", f"begins a {form} event without end")

    def _resume(self, start: int, kind: str, what: str) -> int | None:
        """Reports a broken piece and goes on behind the next line of dots, or at the next head or object (heads alone
        when much is broken, since each object without end costs a search)."""
        line = self.data[start : start + 120].partition(b"\n")[0]
        found = self._delimiter(start)
        stop = found[1] if found is not None else len(self.data)
        self._broken += 1
        signs = _NEXT_HEAD if self._broken > _MANY_BROKEN else _NEXT_ANY
        mark = signs.search(self.data, start, stop)
        if mark is not None:
            stop = mark.start() + 1
        if found is None and stop == len(self.data) and not self.final and stop - start <= MAX_EVENT:
            return None
        self._odd(start, kind, f"'{quote(line)}' {what}: left out.")
        return stop

    def _ad(self, start: int, stop: int, ad: joblog_ads.Ad | None, form: str) -> None:
        number = None if ad is None else joblog_ads.int_of(ad, "EventTypeNumber")
        if ad is None or number is None or not 0 <= number < 1000:
            self._odd(
                start, "not-an-event", f"A {form} object is no job event (no EventTypeNumber, or broken): left out."
            )
            return
        stamp = joblog_ads.text_of(ad, "EventTime") or ""
        cluster, proc, subproc = (joblog_ads.int_of(ad, name) for name in ("Cluster", "Proc", "Subproc"))
        event = LogEvent(
            number,
            event_name(number),
            self._time(stamp, start),
            stamp,
            -1 if cluster is None else cluster,
            -1 if proc is None else proc,
            0 if subproc is None else subproc,
            self.base + start,
            self.base + stop,
            joblog_ads.node_of(ad),
            joblog_ads.text_of(ad, "MyType") or "",
        )
        if self.detailed is None or number in self.detailed:
            event.details = joblog_ads.details(number, ad)
        self.events.append(event)

    def _odd(self, start: int, kind: str, message: str) -> None:
        self.problems.add(kind, message, self.path, self.base + start)
