"""Kickstart records of Pegasus 5 (YAML, version 3.0): a scanner for exactly the shape that kickstart writes.

The scanner is one pass of compiled patterns over the record and knows its dialect: fixed order of keys, fixed indent,
one scalar a line. What it does not recognise goes to the general YAML parser, and what that refuses is salvaged line by
line (:mod:`~stampede.sources.pegasus.kickstart_general`). Unlike a YAML parser it is indifferent to control characters
and colour escapes in captured output, keeps two files of equal name apart, and takes a ``#`` in a path for a ``#``.

Text is handled decoded byte by byte (Latin-1), so that positions are byte offsets; fields are read as UTF-8 at the end.
Source of the format: reference of job outputs (Pegasus 5.1, "kickstart YAML v3") and recorded runs of 5.0 and 5.1.
"""

from __future__ import annotations

import re

from stampede.sources.pegasus.kickstart_general import OWN_FILES, error_note, file_name, general_record, salvage_record
from stampede.sources.pegasus.records import FileUse, Invocation, RecordProblem
from stampede.sources.pegasus.scalars import epoch, exit_of, integer, number, repaired, unescape

_QUOTED = r'"([^"\\\n]*+(?:\\.[^"\\\n]*+)*)"'
_REST4 = r"(?:    [^\n]*+\n)*"
_REST6 = r"(?:      [^\n]*+\n)*"

_HEAD = re.compile(
    r"- invocation:[^\n]*+\n"
    r"(?:  version: [^\n]*+\n)?"
    r"  start: ([^\n]*+)\n"
    r"  duration: ([^\n]*+)\n"
    rf"(?:  transformation: {_QUOTED}\n)?"
    rf"(?:  derivation: {_QUOTED}\n)?"
    rf"(?:  resource: {_QUOTED}\n)?"
    r"(?:  wf-label: [^\n]*+\n)?"
    r"(?:  wf-stamp: [^\n]*+\n)?"
    r"(?:  interface: [^\n]*+\n)?"
    r"(?:  hostaddr: ([^\n]*+)\n)?"
    r"(?:  hostname: ([^\n]*+)\n)?"
    r"(?:  pid: [^\n]*+\n)?"
    r"(?:  uid: [^\n]*+\n)?"
    r"(?:  user: ([^\n]*+)\n)?"
    r"(?:  gid: [^\n]*+\n)?"
    r"(?:  group: [^\n]*+\n)?"
    r"(?:  umask: [^\n]*+\n)?"
    rf"(?:  (?:setup|prejob):\n{_REST4})*"
    r"  mainjob:\n"
    r"    start: ([^\n]*+)\n"
    r"    duration: ([^\n]*+)\n"
    r"(?:    pid: [^\n]*+\n)?"
    rf"(?:    usage:\n      utime: ([^\n]*+)\n      stime: ([^\n]*+)\n(?:      maxrss: ([^\n]*+)\n)?{_REST6})?"
    r"    status:\n"
    r"      raw: (-?\d++)\n"
    r"(?:      regular_exitcode: [^\n]*+\n"
    r"|      failure_error: ([^\n]*+)\n"
    r'|      (signal|suspend)l?ed_signal: \d++\n      \w+_name: "([^"\n]*+)"\n(?:      corefile: (\w++)\n)?)?'
    r"    executable:\n"
    r"(?:      error: (\d++)\n)?"
    r"(?:      note: [^\n]*+\n)?"
    r"      file_name: ([^\n]*+)\n"
    rf"{_REST6}"
    r"    argument_vector:\n"
    r"((?:      - [^\n]*+\n)*)"
    r"(?:    procs:[^\n]*+\n(?:     [^\n]*+\n)*)?"
    rf"(?:  (?:postjob|cleanup):\n{_REST4})*"
    rf"(?:  jobids:\n{_REST4})?"
    r"(?:  cwd: ([^\n]*+)\n)?"
    rf"(?:  usage:\n{_REST4})?"
    r"(?:  machine:\n"
    r"(?:    page-size: [^\n]*+\n)?"
    r"    uname_system: ([^\n]*+)\n"
    r"    uname_nodename: [^\n]*+\n"
    r"    uname_release: ([^\n]*+)\n"
    r"    uname_machine: ([^\n]*+)\n"
    r"(?:    ram_total: ([^\n]*+)\n)?"
    r"(?:    (?!cpu_)[^\n]*+\n)*"
    r"(?:    cpu_count: ([^\n]*+)\n)?"
    r"(?:    cpu_speed: ([^\n]*+)\n)?"
    r"(?:    cpu_vendor: ([^\n]*+)\n)?"
    r"(?:    cpu_(?:model|name): ([^\n]*+)\n)?"
    rf"{_REST4})?"
    r"  files:\n"
)

_FILE = re.compile(
    r"    (\S[^\n]*):\n"
    r"(?:      comment: [^\n]*+\n)?"
    r"(?:      error: (\d++)[^\n]*+\n)?"
    r"(?:      note: [^\n]*+\n)?"
    rf"(?:      lfn: {_QUOTED}\n)?"
    r"(?:      (?:file_name|temporary_name|fifo_name): ([^\n]*+)\n)?"
    r"(?:      descriptor(?:_number)?: [^\n]*+\n)?"
    r"(?:      mode: [^\n]*+\n"
    r"      size: (\d++)\n"
    r"(?:      (?:inode|nlink|blksize|blocks|mtime|atime): [^\n]*+\n)*"
    r"      ctime: ([^\n]*+)\n"
    r"(?:      uid: [^\n]*+\n)?"
    r"(?:      user: ([^\n]*+)\n)?"
    r"(?:      gid: [^\n]*+\n)?"
    r"(?:      group: [^\n]*+\n)?)?"
    r"(?:      output: (\w++)\n)?"
    r"(?:      sha256: (\w++)\n)?"
    r"(?:      checksum_timing: ([^\n]*+)\n)?"
    r"(?:      data_truncated: (\w++)\n)?"
    r"(?:      data: \|\n((?:        [^\n]*+\n| {0,7}\n)*))?"
)

_TAIL = re.compile(r"(?:  [a-z_]++:\n(?:    [^\n]*+\n)*)*(?: *+\n)*")
_CAPTURE = re.compile(r"\n      data_truncated: (\w++)\n      data: \|\n")
_METADATA = re.compile(r"\n    metadata:\n(?:      [^\n]*+\n)*")
_INDENT = re.compile(r"^ {1,8}", re.MULTILINE)
_TRUNCATED = (
    "The kickstart record ends early: the job was probably killed while it was written, or the disk was full. "
    "What it holds is used."
)
#: No entry of ``files`` without captured text is longer (two paths of 4 kB and some numbers).
_MAX_STAT = 10_000


def read_record(text: str, start: int, problems: list[RecordProblem]) -> tuple[Invocation | None, int]:
    """The record that starts at ``start`` of ``text`` (Latin-1), and where it ends.

    ``None`` only when not even a line of it can be understood; what is missing or unreadable is added to ``problems``.
    """
    scanned = scan_record(text, start)
    if scanned is not None:
        if not _is_whole(text, start, scanned[1]):
            problems.append(RecordProblem("kickstart-truncated", _TRUNCATED, scanned[1]))
        return scanned
    end = extent(text, start)
    record = text[start:end]
    invocation = general_record(record, start)
    if invocation is None:
        invocation = salvage_record(record, start)
    if invocation is None:
        message = "The kickstart record could not be read at all; the invocation is known from the scheduler only."
        problems.append(RecordProblem("kickstart-unreadable", message, start))
    elif not _is_whole(text, start, end):
        problems.append(RecordProblem("kickstart-truncated", _TRUNCATED, end))
    elif not invocation.executable and invocation.raw_status is None:
        message = "The kickstart record has no readable main job; only its outer fields are used."
        problems.append(RecordProblem("kickstart-incomplete", message, start))
    return invocation, end


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether a record has its last section, ``metadata``, and all of it: what kickstart says of that file of its own
    ends with the ids of the owner, or is why there is no such file."""
    meta = text.rfind("\n    metadata:", start, end)
    if meta == -1 or text[end - 1] != "\n":
        return False
    return any(text.find(f"\n      {key}: ", meta, end) != -1 for key in ("gid", "error"))


def extent(text: str, start: int) -> int:
    """Where the lines that may belong to the record at ``start`` end."""
    newline = text.find("\n", start)
    while newline != -1 and newline + 1 < len(text):
        if text[newline + 1] not in " \n\r":
            return newline + 1
        newline = text.find("\n", newline + 1)
    return len(text)


def scan_record(text: str, start: int) -> tuple[Invocation, int] | None:
    """The record at ``start`` of ``text`` (Latin-1) and its end; ``None`` when it is not of the shape known here."""
    head = _HEAD.match(text, start)
    if head is None:
        return None
    (
        record_start, _, transformation, derivation, resource, hostaddr, hostname, user,
        main_start, main_duration, utime, stime, maxrss, raw, failure, by_signal, signal_text, core,
        executable_error, executable, arguments, cwd,
        system, release, machine, ram_total, cpu_count, cpu_speed, cpu_vendor, cpu_model,
    ) = head.groups()  # fmt: skip
    invocation = Invocation(
        source="kickstart-yaml",
        start_time=epoch(main_start) or epoch(record_start),
        duration_s=number(main_duration),
        transformation=unescape(transformation) if transformation else None,
        derivation=unescape(derivation) if derivation else None,
        resource=unescape(resource) if resource else None,
        user=user,
        hostname=hostname,
        hostaddr=hostaddr,
        cwd=cwd or None,
        utime_s=number(utime),
        stime_s=number(stime),
        maxrss_kb=integer(maxrss),
        raw_status=(status := int(raw[:20])),
        exit=exit_of(status),
        signal_text=signal_text,
        core_dumped=None if core is None else core == "true",
        error_note=error_note(failure, executable_error, signal_text if by_signal == "suspend" else None),
        executable=executable,
        argv=" ".join([_argument(line) for line in arguments[8:-1].split("\n      - ")]) if arguments else None,
        ram_total_kb=integer(ram_total),
        uname=f"{system}-{release}-{machine}" if system is not None else None,
        cpu_count=integer(cpu_count),
        cpu_speed=integer(cpu_speed),
        cpu_vendor=cpu_vendor or None,
        cpu_model=cpu_model.strip() or None if cpu_model else None,
        offset=start,
    )
    end = _scan_files(text, head.end(), invocation)
    if end is None:
        return None
    if not text.isascii():
        _repair(invocation)
    return invocation, end


def _scan_files(text: str, position: int, invocation: Invocation) -> int | None:
    """Read the section ``files`` into ``invocation``; where the record ends, or ``None`` if it is not recognised."""
    files: list[FileUse] = []
    match = _FILE.match
    complete = False
    while True:
        if text.startswith("    stdin:\n", position):
            after = _scan_streams(text, position, invocation)
            if after is not None:
                position, complete = after, True
                continue
        entry = match(text, position)
        if entry is None:
            break
        key, error, lfn, pfn, size, ctime, user, output, sha256, timing, truncated, data = entry.groups()
        position = entry.end()
        if lfn is None and key in OWN_FILES:
            if key == "stdout":
                invocation.stdout = _literal(data)
                invocation.stdout_truncated = truncated == "true"
            elif key == "stderr":
                complete = True
                invocation.stderr = _literal(data)
                invocation.stderr_truncated = truncated == "true"
            continue
        files.append(
            FileUse(
                file_name(key, lfn and unescape(lfn)),
                _unquoted(pfn),
                int(size[:20]) if size is not None else None,
                output == "True" or (output is None and key == "final"),
                int(error[:9]) if error and error != "0" else None,
                user,
                ctime,
                sha256,
                number(timing),
            )
        )
    tail = _TAIL.match(text, position)
    end = tail.end() if tail is not None else position
    if not complete or text.startswith(" ", end):
        return None
    invocation.files = files
    return end


def _scan_streams(text: str, start: int, invocation: Invocation) -> int | None:
    """Jump over ``stdin``, ``stdout``, ``stderr`` and ``metadata``, taking only what was captured.

    These four stand together at the end of every record and are half of its bytes; hopping from key to key is several
    times faster than matching their lines. ``None`` sends the caller to the patterns.
    """
    if text.startswith("lfn:", start + 17):
        return None
    out = text.find("\n    stdout:\n", start, start + _MAX_STAT)
    err = text.find("\n    stderr:\n", out) if out != -1 else -1
    if err == -1 or text.find("\n-", start, out) != -1:
        return None
    meta = text.find("\n    metadata:\n", err)
    if meta == -1 or text.startswith("lfn:", meta + 21):
        return None
    stdout = _captured(text, out, err)
    stderr = _captured(text, err, meta)
    if stdout is None or stderr is None:
        return None
    invocation.stdout, invocation.stdout_truncated = stdout
    invocation.stderr, invocation.stderr_truncated = stderr
    return _METADATA.match(text, meta).end()  # type: ignore[union-attr] # found just above


def _captured(text: str, start: int, end: int) -> tuple[str | None, bool] | None:
    """The captured text of the entry between ``start`` and ``end``, and whether it was cut; ``None``: unknown shape."""
    capture = text.find("\n      data", start, min(end, start + _MAX_STAT))
    if capture == -1:
        return None if end - start > _MAX_STAT or text.find("\n-", start, end) != -1 else (None, False)
    marks = _CAPTURE.match(text, capture)
    if marks is None:
        return None
    captured = _indented(text[marks.end() : end + 1])
    return (captured, marks[1] == "true") if captured is not None else None


def _unquoted(value: str | None) -> str | None:
    """A scalar that may stand in double quotes."""
    if value and value[0] == '"' and value[-1] == '"' and len(value) > 1:
        return unescape(value[1:-1])
    return value or None


def _argument(item: str) -> str:
    if item[:1] == '"' and item[-1:] == '"' and len(item) > 1:
        return unescape(item[1:-1])
    return item


def _indented(block: str) -> str | None:
    """The text of a literal block whose lines all have the indent of captured text; ``None`` if one has less."""
    block = block.rstrip("\n") + "\n"
    text = block[8:].replace("\n        ", "\n")
    if len(block) - len(text) != 8 * block.count("\n") or not block.startswith("        "):
        return None
    return text.rstrip("\n") + "\n"


def _literal(block: str | None) -> str | None:
    """The text of a YAML literal block (``|``) of indent 8: indent taken off, one line break kept at the end."""
    text = _INDENT.sub("", block).rstrip("\n") if block else ""
    return text + "\n" if text else None


def _repair(invocation: Invocation) -> None:
    """Read the fields that are not ASCII as UTF-8."""
    for record in (invocation, *invocation.files):
        for name in record.__struct_fields__:
            value = getattr(record, name)
            if isinstance(value, str) and not value.isascii():
                setattr(record, name, repaired(value))
