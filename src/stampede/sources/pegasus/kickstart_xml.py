"""Kickstart records of Pegasus 4 and before (XML, invocation schema 1.x to 2.x), read with expat.

One file may hold several documents, each with its own XML declaration. Declared ISO-8859-1, they hold whatever bytes
the program printed: read as UTF-8 where that fits, byte by byte where not. A document with a DOCTYPE is refused, since
kickstart never writes one and entities could be made to explode.

Memory: kB on Linux since 4.x, bytes before and on macOS; told apart by the value (bytes are whole pages, and above
256 MB), since no attribute says. Statcalls: ``initial`` files were read, ``final`` ones written.
"""

from __future__ import annotations

import re
from xml.parsers import expat

from stampede.sources.pegasus.kickstart_general import error_note
from stampede.sources.pegasus.records import FileUse, Invocation, RecordProblem
from stampede.sources.pegasus.scalars import epoch, exit_of, integer, number, repaired

#: A record and nothing else in XML: declaration (absent with ``-H``), then the root element.
START = re.compile(r"(?:<\?xml[^>]*+>\s*+)?(?:<!--(?:(?!-->).)*-->\s*+)*(<!DOCTYPE|<invocation[\s>])", re.DOTALL)
_END = "</invocation>"

_DECLARATION = re.compile(r"<\?xml[^>]*+>\s*+")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_TEXT_ELEMENTS = frozenset(
    ("failure", "signalled", "suspended", "arg", "arguments", "cwd", "cpu", "data", "argument-vector")
)
_LEAST_BYTES = 1 << 28
_PAGE = 4096


def read_xml(text: str, start: int, problems: list[RecordProblem]) -> tuple[Invocation | None, int] | None:
    """The record at ``start`` of ``text`` (Latin-1) and where it ends; ``None`` if no record of this kind starts there.

    A record that is cut short or not well-formed gives what was read before the fault, and a problem.
    """
    found = START.match(text, start)
    if found is None:
        return None
    end = _record_end(text, found.start(1))
    if found[1] == "<!DOCTYPE":
        message = "An XML record with a DOCTYPE is refused: kickstart writes none, and its entities could be an attack."
        problems.append(RecordProblem("xml-doctype", message, start))
        return None, end
    reader = _Reader(start)
    document = _DECLARATION.sub("", text[start:end], count=1)
    fault = reader.read(_CONTROL.sub("\ufffd", repaired(document)))
    if fault is not None or not reader.closed:
        reason = f"is not well-formed ({fault})" if fault else "ends early"
        message = f"The XML kickstart record {reason}; what stands before is used, the rest of it is lost."
        problems.append(RecordProblem("xml-malformed" if fault else "xml-truncated", message, start))
    return reader.invocation, end


def _record_end(text: str, start: int) -> int:
    end = text.find(_END, start)
    following = text.find("<?xml", start)
    if end == -1 or -1 < following < end:
        return following if following != -1 else len(text)
    end += len(_END)
    return end + 1 if text.startswith("\n", end) else end


def _memory_kb(text: str | None, system: str | None) -> int | None:
    value = integer(text)
    if value is None:
        return None
    in_bytes = system == "darwin" or (value >= _LEAST_BYTES and value % _PAGE == 0)
    return value // 1024 if in_bytes else value


class _Reader:
    """Collects one invocation from the events of expat."""

    def __init__(self, offset: int) -> None:
        self.invocation = Invocation(source="kickstart-xml", files=[], offset=offset)
        self.closed = False
        self._path: list[str] = []
        self._text: list[str] | None = None
        self._arguments: list[str] = []
        self._statcall: dict[str, str] = {}
        self._cut = False

    def read(self, document: str) -> str | None:
        """Parse; the words of the parser when it stops before the end of what it was given."""
        parser = expat.ParserCreate("UTF-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._refuse
        try:
            parser.Parse(document, False)
        except expat.ExpatError as error:
            return None if self.closed else str(error)
        return None

    @staticmethod
    def _refuse(*_: object) -> None:
        raise expat.ExpatError("a DOCTYPE inside of the record")

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        parent = self._path[-1] if self._path else ""
        self._path.append(name)
        if name in _TEXT_ELEMENTS:
            self._text = []
        if name == "invocation":
            self._root(attributes)
        elif name == "mainjob":
            started = epoch(attributes.get("start"))
            self.invocation.start_time = started or self.invocation.start_time
            self.invocation.duration_s = number(attributes.get("duration"))
        elif parent == "mainjob" or (len(self._path) > 2 and self._path[1] == "mainjob"):
            self._main_part(name, parent, attributes)
        elif name == "statcall":
            self._statcall = dict(attributes)
            self._cut = False
        elif parent == "statcall":
            self._statcall_part(name, attributes)
        elif len(self._path) > 1 and self._path[1] in ("machine", "uname"):
            self._machine(name, attributes)

    def _root(self, attributes: dict[str, str]) -> None:
        record = self.invocation
        record.start_time = epoch(attributes.get("start"))
        record.duration_s = number(attributes.get("duration"))
        record.transformation = attributes.get("transformation")
        record.derivation = attributes.get("derivation")
        record.resource = attributes.get("resource")
        record.user = attributes.get("user")
        record.hostaddr = attributes.get("hostaddr")
        record.hostname = attributes.get("hostname")

    def _main_part(self, name: str, parent: str, attributes: dict[str, str]) -> None:
        record = self.invocation
        if name == "usage":
            record.utime_s = number(attributes.get("utime"))
            record.stime_s = number(attributes.get("stime"))
            record.maxrss_kb = integer(attributes.get("maxrss"))
        elif name == "status":
            record.raw_status = integer(attributes.get("raw"))
            record.exit = exit_of(record.raw_status)
        elif name == "signalled":
            core = attributes.get("corefile")
            record.core_dumped = None if core is None else core == "true"
        elif name == "failure":
            self._statcall = {"failure": attributes.get("error", "")}
        elif name == "file" and parent == "statcall":
            record.executable = attributes.get("name")

    def _statcall_part(self, name: str, attributes: dict[str, str]) -> None:
        call = self._statcall
        if name in ("file", "temporary", "fifo"):
            call["pfn"] = attributes.get("name", "")
        elif name == "statinfo":
            call.update({key: attributes[key] for key in ("size", "user", "ctime") if key in attributes})
        elif name == "checksum":
            call["sha256"] = attributes.get("value", "") if attributes.get("type", "sha256") == "sha256" else ""
            call["timing"] = attributes.get("timing", "")
        elif name == "data":
            self._cut = attributes.get("truncated") == "true"

    def _machine(self, name: str, attributes: dict[str, str]) -> None:
        record = self.invocation
        if name == "uname":
            names = (attributes.get("system"), attributes.get("release"), attributes.get("machine"))
            record.uname = "-".join(part or "" for part in names)
        elif name == "ram":
            system = (record.uname or "").partition("-")[0]
            record.ram_total_kb = _memory_kb(attributes.get("total"), system)
        elif name == "cpu":
            record.cpu_count = integer(attributes.get("count"))
            record.cpu_speed = integer(attributes.get("speed"))
            record.cpu_vendor = attributes.get("vendor") or None

    def _end(self, name: str) -> None:
        self._path.pop()
        if name in _TEXT_ELEMENTS and self._text is not None:
            self._take_text(name, "".join(self._text))
            self._text = None
        if name == "statcall" and self._path == ["invocation"]:
            self._take_statcall()
        elif name == "mainjob" and self._arguments:
            self.invocation.argv = " ".join(self._arguments)
        elif name == "invocation":
            self.closed = True

    def _take_text(self, name: str, text: str) -> None:
        record = self.invocation
        if name == "data":
            self._statcall["data"] = text
            return
        text = text.strip()
        section = self._path[1] if len(self._path) > 1 else ""
        if name == "cwd" and section == "":
            record.cwd = text or None
        elif name == "cpu" and section == "machine":
            record.cpu_model = text or None
        elif section != "mainjob" or not text:
            return
        elif name in ("arg", "arguments"):
            self._arguments.append(text)
        elif name == "failure":
            record.error_note = error_note(f"{self._statcall.get('failure', '')} {text}", None, None)
        elif name == "signalled":
            record.signal_text = text
        elif name == "suspended":
            record.signal_text = text
            record.error_note = error_note(None, None, text)

    def _take_statcall(self) -> None:
        call = self._statcall
        kind = call.get("id")
        if kind == "stdout":
            self.invocation.stdout = call.get("data") or None
            self.invocation.stdout_truncated = self._cut
        elif kind == "stderr":
            self.invocation.stderr = call.get("data") or None
            self.invocation.stderr_truncated = self._cut
        elif kind in ("initial", "final"):
            self.invocation.files.append(
                FileUse(
                    lfn=call.get("lfn") or call.get("pfn", ""),
                    pfn=call.get("pfn") or None,
                    size_bytes=integer(call.get("size")),
                    output=kind == "final",
                    error=integer(call.get("error")) or None,
                    user=call.get("user"),
                    ctime=call.get("ctime"),
                    sha256=call.get("sha256") or None,
                    checksum_timing=number(call.get("timing")),
                )
            )
