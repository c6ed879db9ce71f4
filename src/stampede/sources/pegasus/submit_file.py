"""Submit descriptions: what HTCondor was asked to run, read the way condor_submit reads them.

Covers the language as DAGMan jobs use it: ``key = value`` in any case, ``+Attr`` and ``MY.Attr``, line continuation,
comments, macros ``$(name)`` and ``$(name:default)``, ``if``/``elif``/``else``/``endif`` on ``defined`` and constants,
all up to ``queue``. Macros that only the schedd knows (``$(cluster)``) and functions (``$ENV``, ``$F``) stay text.
Source: the HTCondor manual, "Submit Description File Commands", and submit files of Pegasus 4.9 to 5.1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

# Both start with a literal line feed, which the regex engine finds much faster than the start of a line.
_STATEMENT = re.compile(r"\n[ \t]*+([+A-Za-z_][\w.+-]*+)[ \t]*+=[ \t]*+([^\n]*+)")
_BANNER = "#" * 70 + "\n# PEGASUS WMS GENERATED SUBMIT FILE\n"
_ASKED = re.compile(
    r"\n(\+pegasus_(?:site|wf_xformation|wf_dax_job_id|job_class|cores|cluster_size)|pegasus_\w++|executable|arguments"
    r"|input|output|error|log|environment|initialdir|remote_initialdir|wf_submit_dir|request_\w++|requirements"
    r"|transfer_output_files)[ \t]*+=[ \t]*+([^\n]*+)"
)
_KEPT = re.compile(r"\$\((?:cluster|process)\)")
_QUEUE = re.compile(r"\n[ \t]*+queue\b", re.IGNORECASE)
_BRANCH = re.compile(r"[ \t]*(if|elif|else|endif)\b[ \t]*(.*)", re.IGNORECASE)
_MACRO = re.compile(r"\$(?:\(([\w.]+)(?::([^()]*))?\)|\$\([^()]*\))")
_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,6})?)[ \t]*([KMGTP]?)i?B?", re.IGNORECASE)
_ENTRY = re.compile(r"(?:[^\s']++|'[^']*+')+")
_SINGLE = re.compile(r"'((?:[^']++|'')*)'(?!')")

#: Only the schedd knows these; expanding them to nothing would spoil the text.
_LATE = frozenset(("cluster", "clusterid", "process", "procid", "node", "step", "row", "item", "itemindex"))
_KB = {"K": 1, "M": 1 << 10, "G": 1 << 20, "T": 1 << 30, "P": 1 << 40}
_MAX_DEPTH = 20
_MAX_TEXT = 1 << 20


class SubmitFile(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A submit description after its macros were expanded.

    ``request_*`` are numbers when the request is one (MB of memory, kB of disk), else ``None``. ``attributes`` are
    those of the job ad (``+Name`` or ``MY.Name``, here without the prefix, in lower case), with ClassAd strings out of
    their quotes; Pegasus writes some of its own without the prefix, which count as well. ``commands`` holds every
    command by its lower-case name, expanded. Of a file that Pegasus wrote, only what is read here is kept.
    """

    executable: str | None = None
    arguments: str | None = None
    input: str | None = None
    output: str | None = None
    error: str | None = None
    log: str | None = None
    initialdir: str | None = None
    environment_text: str | None = None
    requirements: str | None = None
    request_cpus: float | None = None
    request_memory_mb: float | None = None
    request_disk_kb: float | None = None
    request_gpus: float | None = None
    attributes: dict[str, str] = {}
    commands: dict[str, str] = {}

    @property
    def environment(self) -> dict[str, str]:
        """The variables of ``environment``, taken apart when asked for."""
        return parse_environment(self.environment_text) if self.environment_text else {}


def read_submit(data: bytes, macros: Mapping[str, str] | None = None) -> SubmitFile:
    """Read a submit description (or the inline one of a DAG file).

    ``macros`` are what DAGMan sets before the file is read: VARS, ``JOB``, ``RETRY``; commands of the file win over
    them, as they do in condor_submit. Never raises on content; what is no statement is ignored, as it is there.
    """
    text = data[:_MAX_TEXT].decode("utf-8", "replace")
    if text.startswith(_BANNER) and "\\\n" not in text and "\r" not in text and "endif" not in text:
        return _planned(text, macros)
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if "\\\n" in text:
        text = _joined(text)
    before = {key.lower(): value for key, value in macros.items()} if macros else {}
    text = "\n" + text
    if "endif" in text.lower():
        text = _without_dead_branches(text, before)
    queue = _QUEUE.search(text)
    if queue is not None:
        text = text[: queue.start()]
    commands = {key.lower(): value.rstrip() for key, value in _STATEMENT.findall(text)}
    if "$(" in text:
        _expand_all(commands, before)
    return _submit_file(commands)


def _planned(text: str, macros: Mapping[str, str] | None) -> SubmitFile:
    """A file that Pegasus wrote: one command a line, in lower case; only those that anybody asks for are taken."""
    commands: dict[str, str] = dict(_ASKED.findall(text))
    if " \n" in text or "\t\n" in text:
        commands = {key: value.rstrip() for key, value in commands.items()}
    environment = commands.pop("environment", None)
    before = {key.lower(): value for key, value in macros.items()} if macros else {}
    for key, value in commands.items():
        if "$(" in value:
            commands[key] = _expand(value, commands, before, 0)
    if environment is not None:
        if "$(" in environment and environment.count("$(") > len(_KEPT.findall(environment)):
            environment = _expand(environment, commands, before, 0)
        commands["environment"] = environment
    return _submit_file(commands)


def parse_environment(value: str) -> dict[str, str]:
    """The variables of ``environment``: the new syntax in double quotes with blanks, or the old one with semicolons."""
    value = value.strip()
    if not (len(value) > 1 and value[0] == '"' and value[-1] == '"'):
        entries = value.split(";")
    else:
        inside = value[1:-1].replace('""', '"')
        entries = _ENTRY.findall(inside) if "'" in inside else inside.split()
    variables = {}
    for entry in entries:
        name, found, content = entry.partition("=")
        if found and name:
            variables[name.strip()] = _single_unquoted(content)
    return variables


def _submit_file(commands: dict[str, str]) -> SubmitFile:
    attributes = {}
    for key, value in commands.items():
        if key[0] == "+":
            attributes[key[1:]] = _classad_text(value)
        elif key.startswith("my."):
            attributes[key[3:]] = _classad_text(value)
        elif key.startswith("pegasus_"):
            attributes.setdefault(key, value)
    get = commands.get
    arguments = get("arguments") or get("args")
    if arguments and len(arguments) > 1 and arguments[0] == arguments[-1] == '"':
        arguments = arguments[1:-1].replace('""', '"').strip()
    memory_kb = _size_kb(get("request_memory"), "M")
    return SubmitFile(
        executable=get("executable"),
        arguments=arguments,
        input=get("input") or get("stdin"),
        output=get("output") or get("stdout"),
        error=get("error") or get("stderr"),
        log=get("log"),
        initialdir=get("initialdir") or get("remote_initialdir"),
        environment_text=get("environment") or get("env") or None,
        requirements=get("requirements"),
        request_cpus=_plain_number(get("request_cpus")),
        request_memory_mb=memory_kb / 1024 if memory_kb is not None else None,
        request_disk_kb=_size_kb(get("request_disk"), "K"),
        request_gpus=_plain_number(get("request_gpus")),
        attributes=attributes,
        commands=commands,
    )


def _plain_number(text: str | None) -> float | None:
    try:
        return float(text) if text and len(text) < 20 else None
    except ValueError:
        return None


def _size_kb(text: str | None, default_unit: str) -> float | None:
    match = _SIZE.fullmatch(text) if text else None
    return float(match[1]) * _KB[(match[2] or default_unit).upper()] if match else None


def _classad_text(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1]
        return value.replace('\\"', '"') if "\\" in value else value
    return value


def _single_unquoted(value: str) -> str:
    return _SINGLE.sub(lambda match: match[1].replace("''", "'"), value) if "'" in value else value


def _joined(text: str) -> str:
    """Lines that end in a backslash run on; a comment line within is dropped, as condor_submit does."""
    lines: list[str] = []
    pending: str | None = None
    for line in text.split("\n"):
        if pending is not None:
            if line.lstrip().startswith("#"):
                continue
            line = pending + line.lstrip()
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            pending = line[:-1]
            continue
        pending = None
        lines.append(line)
    if pending is not None:
        lines.append(pending)
    return "\n".join(lines)


def _expand_all(commands: dict[str, str], before: Mapping[str, str]) -> None:
    for key, value in commands.items():
        if "$(" in value:
            commands[key] = _expand(value, commands, before, 0)


def _expand(value: str, commands: Mapping[str, str], before: Mapping[str, str], depth: int) -> str:
    if depth > _MAX_DEPTH or len(value) > _MAX_TEXT:
        return value

    def replacement(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0]
        name = match[1].lower()
        found = commands.get(name)
        if found is None or found == value:
            found = before.get(name)
        if found is None:
            if match[2] is not None:
                return match[2]
            return match[0] if name in _LATE else ""
        return _expand(found, commands, before, depth + 1) if "$(" in found else found

    return _MACRO.sub(replacement, value)


def _without_dead_branches(text: str, before: Mapping[str, str]) -> str:
    """The lines of the branches that are taken. An expression that cannot be decided here counts as false."""
    kept: list[str] = []
    known = dict(before)
    # One entry an open "if": whether this branch is live, whether a branch was taken, whether all around is live.
    stack: list[tuple[bool, bool, bool]] = []
    for line in text.split("\n"):
        branch = _BRANCH.match(line)
        live = all(entry[0] for entry in stack)
        if branch is None or "=" in line.split(branch[1], 1)[1][:2]:
            if live:
                kept.append(line)
                for key, value in _STATEMENT.findall("\n" + line):
                    known[key.lower()] = value.strip()
            continue
        word = branch[1].lower()
        if word == "if":
            truth = live and _is_true(branch[2], known)
            stack.append((truth, truth, live))
        elif stack:
            _, taken, outer = stack.pop()
            if word == "elif":
                truth = outer and not taken and _is_true(branch[2], known)
                stack.append((truth, taken or truth, outer))
            elif word == "else":
                stack.append((outer and not taken, True, outer))
    return "\n".join(kept)


def _is_true(condition: str, known: Mapping[str, str]) -> bool:
    condition = condition.strip()
    negated = condition.startswith("!")
    condition = condition.lstrip("! ").strip()
    words = condition.split(maxsplit=1)
    if words and words[0].lower() == "defined":
        name = words[1].strip() if len(words) > 1 else ""
        macro = _MACRO.fullmatch(name)
        truth = bool(known.get((macro[1] if macro and macro[1] else name).lower()))
    else:
        expanded = _MACRO.sub(lambda match: known.get((match[1] or "").lower(), match[2] or ""), condition)
        expanded = expanded.strip().lower()
        truth = expanded in ("true", "yes", "t", "y") or (_plain_number(expanded) or 0.0) != 0.0
    return truth != negated
