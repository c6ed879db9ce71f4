"""Kickstart records (YAML) of a shape that the scanner does not know: by the general parser, or line by line.

:func:`general_record` uses PyYAML and is the oracle of the scanner in the tests; :func:`salvage_record` takes what it
can from a record that is no YAML: cut short, or with unquoted arguments that mean something to YAML.
"""

from __future__ import annotations

import re

from stampede.sources.pegasus.records import FileUse, Invocation
from stampede.sources.pegasus.scalars import epoch, exit_of, integer, number, repaired, unescape, yes
from stampede.sources.pegasus.yamltext import MAX_DEPTH, Node, YamlTextError, load_text

_KEY = re.compile(r'("[^"\\]*+(?:\\.[^"\\]*+)*"|[^\s"][^:]*+(?::(?! |$)[^:]*+)*):(?: +(.*))?$')

#: Names of the section ``files`` that are kickstart's own; a workflow's file of that name has an ``lfn``.
OWN_FILES = frozenset(("stdin", "stdout", "stderr", "metadata", "kickstart", "logfile", "gridstart", "channel"))


def general_record(record: str, offset: int = 0) -> Invocation | None:
    """The invocation of one record (the Latin-1 text of its lines), read by PyYAML; ``None`` if that refuses it."""
    try:
        document = load_text(repaired(record))
    except YamlTextError:
        return None
    if not (isinstance(document, list) and document and isinstance(document[0], dict)):
        return None
    return from_mapping(document[0], offset)


def salvage_record(record: str, offset: int = 0) -> Invocation | None:
    """What can be understood of a record that is no YAML, by its indent alone; ``None`` if that is nothing."""
    mapping = _by_indent(repaired(record))
    return from_mapping(mapping, offset) if "start" in mapping or "mainjob" in mapping else None


def from_mapping(record: dict[str, Node], offset: int) -> Invocation:
    """The invocation of a record as nested mappings of text, whatever is missing or of another shape."""
    main = _map(record, "mainjob")
    usage = _map(main, "usage")
    status = _map(main, "status")
    executable = _map(main, "executable")
    machine = _map(record, "machine")
    raw = integer(status.get("raw"))
    invocation = Invocation(
        source="kickstart-yaml",
        start_time=epoch(_text(main, "start")) or epoch(_text(record, "start")),
        duration_s=number(main.get("duration")),
        transformation=_text(record, "transformation"),
        derivation=_text(record, "derivation"),
        resource=_text(record, "resource"),
        user=_text(record, "user"),
        hostname=_text(record, "hostname"),
        hostaddr=_text(record, "hostaddr"),
        cwd=_text(record, "cwd"),
        utime_s=number(usage.get("utime")),
        stime_s=number(usage.get("stime")),
        maxrss_kb=integer(usage.get("maxrss")),
        raw_status=raw,
        exit=exit_of(raw),
        executable=_text(executable, "file_name"),
        argv=_arguments(main.get("argument_vector")),
        ram_total_kb=integer(machine.get("ram_total")),
        uname=_uname(machine),
        cpu_count=integer(machine.get("cpu_count")),
        cpu_speed=integer(machine.get("cpu_speed")),
        cpu_vendor=_text(machine, "cpu_vendor"),
        cpu_model=_text(machine, "cpu_model") or _text(machine, "cpu_name"),
        offset=offset,
    )
    _tell_status(invocation, status, _text(executable, "error"))
    _tell_files(invocation, _map(record, "files"))
    return invocation


def file_name(key: str, lfn: str | None) -> str:
    """The logical name of an entry of ``files``: that of its ``lfn`` line, else its key without quotes."""
    if lfn:
        return lfn
    return unescape(key[1:-1]) if len(key) > 1 and key[0] == key[-1] == '"' else key


def error_note(failure: str | None, executable_error: str | None, suspended: str | None) -> str | None:
    """Why the program did not run or did not end, in words, from ``failure_error: 2   No such file or directory``."""
    if failure:
        code, _, reason = failure.strip().partition(" ")
        return f"{reason.strip()} (errno {code})" if reason else failure.strip()
    if suspended:
        return f"suspended: {suspended}"
    if executable_error and executable_error != "0":
        return f"the executable could not be examined (errno {executable_error})"
    return None


def _tell_status(invocation: Invocation, status: dict[str, Node], executable_error: str | None) -> None:
    # Kickstart itself writes ``singalled_name``.
    signal_text = _text(status, "singalled_name") or _text(status, "signalled_name")
    suspended = _text(status, "suspended_name") or _text(status, "suspended_signal")
    invocation.signal_text = signal_text or _text(status, "suspended_name")
    core = _text(status, "corefile")
    invocation.core_dumped = None if core is None else yes(core)
    invocation.error_note = error_note(_text(status, "failure_error"), executable_error, suspended)


def _tell_files(invocation: Invocation, files: dict[str, Node]) -> None:
    uses = []
    for key, entry in files.items():
        if not isinstance(entry, dict):
            continue
        lfn = _text(entry, "lfn")
        if lfn is None and key in OWN_FILES:
            if key == "stdout":
                invocation.stdout = _text(entry, "data")
                invocation.stdout_truncated = yes(entry.get("data_truncated"))
            elif key == "stderr":
                invocation.stderr = _text(entry, "data")
                invocation.stderr_truncated = yes(entry.get("data_truncated"))
            continue
        output = _text(entry, "output")
        uses.append(
            FileUse(
                lfn=file_name(key, lfn),
                pfn=_text(entry, "file_name") or _text(entry, "temporary_name"),
                size_bytes=integer(entry.get("size")),
                output=yes(output) or (output is None and key == "final"),
                error=integer((_text(entry, "error") or "").partition(" ")[0]) or None,
                user=_text(entry, "user"),
                ctime=_text(entry, "ctime"),
                sha256=_text(entry, "sha256"),
                checksum_timing=number(entry.get("checksum_timing")),
            )
        )
    invocation.files = uses


def _map(parent: dict[str, Node], key: str) -> dict[str, Node]:
    value = parent.get(key)
    return value if isinstance(value, dict) else {}


def _text(parent: dict[str, Node], key: str) -> str | None:
    value = parent.get(key)
    return value or None if isinstance(value, str) else None


def _arguments(items: Node) -> str | None:
    if not isinstance(items, list) or not items:
        return None
    return " ".join(item for item in items if isinstance(item, str))


def _uname(machine: dict[str, Node]) -> str | None:
    names = [_text(machine, key) for key in ("uname_system", "uname_release", "uname_machine")]
    return "-".join(name or "" for name in names) if any(names) else None


def _by_indent(text: str) -> dict[str, Node]:
    """Nested mappings from the indent of the lines; list items and literal blocks as kickstart writes them."""
    root: dict[str, Node] = {}
    stack: list[tuple[int, dict[str, Node]]] = [(-1, root)]
    last: tuple[int, dict[str, Node], str] | None = None
    block: tuple[int, list[str]] | None = None
    for line in text.replace("\r\n", "\n").split("\n"):
        stripped = line.lstrip(" ")
        indent = len(line) - len(stripped)
        if block is not None:
            if indent >= block[0] or not stripped:
                block[1].append(line[block[0] :])
                continue
            _close(last, block)
            block = None
        if stripped.startswith("- ") and indent == 0:
            stripped, indent = stripped[2:], 2
        if stripped.startswith("- ") and last is not None:
            items = last[1].setdefault(last[2], [])
            if items is None:
                items = last[1][last[2]] = []
            if isinstance(items, list):
                items.append(_scalar(stripped[2:]))
            continue
        match = _KEY.match(stripped)
        if match is None:
            continue
        while stack[-1][0] >= indent and len(stack) > 1:
            stack.pop()
        if last is not None and last[0] < indent and last[1] is stack[-1][1] and len(stack) < MAX_DEPTH:
            inner: dict[str, Node] = {}
            if last[1].get(last[2]) is None:
                last[1][last[2]] = inner
                stack.append((last[0], inner))
        key, value = _scalar(match[1]), match[2]
        parent = stack[-1][1]
        last = (indent, parent, key)
        if value in ("|", "|-", "|+"):
            block = (indent + 2, [])
        parent[key] = _scalar(value) if value else None
    if block is not None:
        _close(last, block)
    return root


def _close(last: tuple[int, dict[str, Node], str] | None, block: tuple[int, list[str]]) -> None:
    if last is not None:
        text = "\n".join(block[1]).rstrip("\n")
        last[1][last[2]] = text + "\n" if text else None


def _scalar(value: str) -> str:
    value = value.strip()
    return unescape(value[1:-1]) if len(value) > 1 and value[0] == value[-1] == '"' else value
