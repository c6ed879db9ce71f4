"""Bytes of a stream to events, as they come.

Nothing vanishes: a record that cannot be used is a ``Problem`` event in its place, with file, byte offset and remedy,
and what had to be repaired is counted in ``faults``. Bytes that are no UTF-8 become ``\\xNN``, so that every text is
valid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, NoReturn

from stampede.errors import DecodeError, InvalidEventError, UsageError
from stampede.events.base import Event
from stampede.events.catalogue import Problem
from stampede.events.checks import Record, UnplaceableError
from stampede.events.codecs import bp, bson, jsonl
from stampede.events.dialects import Dialect, Translator, UnknownEventError
from stampede.events.faults import Faults

Format = Literal["bp", "jsonl", "bson"]
Batch = tuple[list[Event], int]

FORMATS: tuple[Format, ...] = ("bp", "jsonl", "bson")

#: Small enough for a batch to stay in the processor's cache.
BATCH_EVENTS = 1000

#: A longer line or document is skipped: no event is that long, and memory must stay bounded.
MAX_RECORD_BYTES = 16 * 1024 * 1024

_SNIFF_BYTES = 64
_SAMPLE_CHARS = 200
_BOM = b"\xef\xbb\xbf"

_REMEDIES = {
    "undecodable": "Look at the file at that offset; if a program wrote it, write events with Stampede's encoder.",
    "unknown_event": "Check the name of the event against the reference of events, or ignore it: it was not loaded.",
    "unplaceable": "Have the sender add the attribute; without it nobody can tell what the event is about.",
    "oversized": "Look at the file at that offset: a line end is probably missing.",
    "truncated": "Copy or write the file again; what came before this place was read.",
}


def sniff(head: bytes) -> Format:
    """The form of a stream by its first bytes; BP when nothing speaks for another."""
    text = head.removeprefix(_BOM).lstrip()
    if bson.looks_like(head):
        return "bson"
    return "jsonl" if text.startswith(b"{") else "bp"


class Decoder:
    """Turns the bytes of one stream into events as they come.

    ``name`` is the file named in problems; ``offset`` where in it the bytes start. ``format`` is found out from the
    first bytes when it is not given. With ``strict`` the first record that breaks the schema raises
    ``InvalidEventError`` and the first that cannot be decoded ``DecodeError``.
    """

    def __init__(
        self,
        format: str | None = None,  # noqa: A002
        *,
        strict: bool = False,
        name: str = "",
        offset: int = 0,
    ) -> None:
        if format is not None and format not in FORMATS:
            raise UsageError(f"There is no form of events called {format!r}; known are {', '.join(FORMATS)}.")
        self.name = name
        self.strict = strict
        self.faults = Faults(strict=strict)
        self.format: str | None = format
        #: end of what was decoded: everything before it is in events that were returned
        self.offset = offset
        self._translator = Translator(self.faults)
        self._pending = b""
        self._skipping = False
        self._broken = False
        self._begun = False
        self._workflow: str | None = None

    @property
    def dialect(self) -> Dialect | None:
        """The dialect of the stream, as soon as an event has told it."""
        return self._translator.dialect

    def feed(self, data: bytes) -> Iterator[Batch]:
        """The batches that end in ``data``; the beginning of a record is kept for the next call."""
        self._pending = self._pending + data if self._pending else data
        if not self._begun:
            if len(self._pending) < _SNIFF_BYTES:
                return
            self._begin()
        yield from self._decode()

    def finish(self) -> Iterator[Batch]:
        """The last batches: what is pending is decoded as if it were complete."""
        if not self._begun:
            self._begin()
        yield from self._decode()
        rest, self._pending = self._pending, b""
        if self._skipping:
            self.offset += len(rest)
            self._skipping = False
        elif not rest or self._broken:
            self.offset += len(rest)
        elif self.format == "bson":
            yield (
                [self.problem("truncated", f"the last document ends after {len(rest)} bytes", self.offset)],
                (self._advance(len(rest))),
            )
        else:
            yield from self._block(rest)

    def _begin(self) -> None:
        self._begun = True
        if self.format is None:
            self.format = sniff(self._pending[:4096])
        if self.format != "bson" and self._pending.startswith(_BOM):
            self._pending = self._pending[len(_BOM) :]
            self.offset += len(_BOM)

    def _advance(self, size: int) -> int:
        self.offset += size
        return self.offset

    def _decode(self) -> Iterator[Batch]:
        if self.format == "bson":
            return self._documents()
        return self._lines()

    # ---- lines ----

    def _lines(self) -> Iterator[Batch]:
        if self._skipping:
            end = self._pending.find(b"\n") + 1
            self._skipping = end == 0
            self.offset += end or len(self._pending)
            self._pending = self._pending[end:] if end else b""
        end = self._pending.rfind(b"\n") + 1
        block, self._pending = self._pending[:end], self._pending[end:]
        if block:
            yield from self._block(block)
        if len(self._pending) > MAX_RECORD_BYTES:
            message = f"a line of more than {MAX_RECORD_BYTES} bytes was skipped"
            problem = self.problem("oversized", message, self.offset)
            size, self._pending, self._skipping = len(self._pending), b"", True
            yield [problem], self._advance(size)

    def _block(self, block: bytes) -> Iterator[Batch]:
        """The events of whole lines; lines are sized in bytes, so that every offset is one of the file."""
        sizes: Callable[[list[str]], int]
        try:
            lines = block.decode("utf-8").split("\n")
            sizes = _ascii_size if block.isascii() else _utf8_size
        except UnicodeDecodeError:
            yield from self._mixed_block(block)
            return
        for i in range(0, len(lines), BATCH_EVENTS):
            group = lines[i : i + BATCH_EVENTS]
            last = i + BATCH_EVENTS >= len(lines)
            events = self._events(group, sizes)
            yield events, self._advance(sizes(group) - last)

    def _mixed_block(self, block: bytes) -> Iterator[Batch]:
        raw = block.split(b"\n")
        for i in range(0, len(raw), BATCH_EVENTS):
            group = raw[i : i + BATCH_EVENTS]
            events = self._events([self._valid(line) for line in group], _RawSize(group))
            yield events, self._advance(sum(map(len, group)) + len(group) - (i + BATCH_EVENTS >= len(raw)))

    def _valid(self, line: bytes) -> str:
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError:
            text = line.decode("utf-8", "backslashreplace")
            self.faults.add("*", "*", "repair", "bytes that are no UTF-8; written as \\xNN", text)
            return text

    def _events(self, lines: list[str], sizes: Callable[[list[str]], int]) -> list[Event]:
        """The hot loop. ``sizes`` gives the bytes of the first lines and is only asked when a problem needs a place."""
        events: list[Event] = []
        append = events.append
        faults = self.faults
        direct = self._translator.direct
        is_bp = self.format == "bp"
        parse_bp, parse_json = bp.parse, jsonl.parse
        junk: list[str] = []
        record: Record = {}
        for i, line in enumerate(lines):
            line = line.rstrip(" \r\t")
            if not line:
                continue
            try:
                record = parse_bp(line, junk) if is_bp else parse_json(line)
                name = record.pop("event", None)
                if name.__class__ is str and name in direct:
                    event = direct[name](record, faults)
                    if event.xwf_id is None:
                        self._adopt(event, events)
                    append(event)
                else:
                    self._route(name, record, events)
                    direct = self._translator.direct
                if junk:
                    self._report_junk(str(name), junk)
            except (DecodeError, UnknownEventError, UnplaceableError, InvalidEventError) as exc:
                junk.clear()
                append(self._failed(exc, record, line, self.offset + sizes(lines[:i]), events))
        self._remember(events)
        return events

    def _report_junk(self, name: str, junk: list[str]) -> None:
        self.faults.add(name, "*", "repair", "text between the pairs of a line was left out", junk[0], len(junk))
        junk.clear()

    # ---- documents ----

    def _documents(self) -> Iterator[Batch]:
        buffer = self._pending
        at = 0
        events: list[Event] = []
        base = self.offset
        while not self._broken and len(buffer) - at >= bson.SMALLEST:
            size = bson.length(buffer[at : at + 4])
            if not bson.SMALLEST <= size <= MAX_RECORD_BYTES:
                message = f"a document of {size} bytes cannot be; the rest of the stream was not read"
                events.append(self.problem("undecodable", message, base + at))
                self._broken = True
                break
            if len(buffer) - at < size:
                break
            self._document(buffer[at : at + size], base + at, events)
            at += size
            if len(events) >= BATCH_EVENTS:
                self._remember(events)
                self.offset = base + at
                yield events, self.offset
                events = []
        at = len(buffer) if self._broken else at
        self._pending = buffer[at:]
        self.offset = base + at
        if events:
            self._remember(events)
            yield events, self.offset

    def _document(self, document: bytes, offset: int, events: list[Event]) -> None:
        record: Record = {}
        try:
            record = bson.parse(document)
            self._route(record.pop("event", None), record, events)
        except (DecodeError, UnknownEventError, UnplaceableError, InvalidEventError) as exc:
            events.append(self._failed(exc, record, document[:_SAMPLE_CHARS].hex(), offset, events))

    # ---- records ----

    def _route(self, name: object, record: Record, events: list[Event]) -> None:
        if not isinstance(name, str):
            raise DecodeError("the record has no event")
        for validate, part in self._translator.route(name, record):
            event = validate(part, self.faults)
            if event.xwf_id is None:
                self._adopt(event, events)
            events.append(event)

    def _adopt(self, event: Event, before: list[Event]) -> None:
        """Planners leave the workflow out of the marks around their events: it is that of the event before."""
        if isinstance(event, Problem):
            return
        workflow = self._latest(before)
        if workflow is not None:
            event.xwf_id = workflow
            self.faults.add(event.NAME, "xwf.id", "repair", "missing; taken from the event before", workflow)

    def _remember(self, events: list[Event]) -> None:
        self._workflow = self._latest(events)

    def _latest(self, events: list[Event]) -> str | None:
        return next((event.xwf_id for event in reversed(events) if event.xwf_id), self._workflow)

    def _failed(self, exc: Exception, record: Record, text: str, offset: int, before: list[Event]) -> Problem:
        """The problem that stands for a record that could not be used; raises instead when strict."""
        if isinstance(exc, UnplaceableError):
            kind, message = "unplaceable", str(exc)
        elif isinstance(exc, UnknownEventError):
            kind, message = "unknown_event", f"there is no event called {str(exc)[:80]!r}"
            self.faults.add("*", "event", "reject", "no dialect has an event of that name", str(exc))
        else:
            kind, message = "undecodable", str(exc)
        if self.strict or isinstance(exc, InvalidEventError):
            self._raise(exc, message, offset)
        problem = self.problem(kind, f"{message}: {text[:_SAMPLE_CHARS]}", offset)
        workflow = record.get("xwf.id") or record.get("wf.id") if kind != "undecodable" else None
        problem.xwf_id = workflow if isinstance(workflow, str) else self._latest(before)
        return problem

    def _raise(self, exc: Exception, message: str, offset: int) -> NoReturn:
        place = f"{self.name or 'the stream'}, byte {offset}: {message}"
        error = DecodeError if isinstance(exc, DecodeError) else InvalidEventError
        raise error(place, path=self.name or None, offset=offset) from exc

    def problem(self, kind: str, message: str, offset: int) -> Problem:
        """The event that stands for input that could not be used; raises ``DecodeError`` instead when strict."""
        if self.strict:
            raise DecodeError(f"{self.name or 'the stream'}, byte {offset}: {message}", path=self.name, offset=offset)
        return Problem(
            kind=kind,
            message=message,
            file=self.name or None,
            offset=offset,
            remedy=_REMEDIES[kind],
            severity="warning",
            xwf_id=self._workflow,
        )


def _ascii_size(lines: list[str]) -> int:
    return sum(map(len, lines)) + len(lines)


def _utf8_size(lines: list[str]) -> int:
    return sum(len(line.encode()) for line in lines) + len(lines)


class _RawSize:
    """The size of the first lines of a group whose text is not what the file holds."""

    def __init__(self, raw: list[bytes]) -> None:
        self._raw = raw

    def __call__(self, lines: list[str]) -> int:
        return sum(map(len, self._raw[: len(lines)])) + len(lines)
