"""The braindump: what the planner wrote about the workflow it planned.

``braindump.yml`` (Pegasus 5) is flat YAML, every value a quoted string or null; ``braindump.txt`` (before) has one
``key value`` a line and older names for some keys.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import msgspec

from stampede.files import open_regular
from stampede.sources.pegasus.records import RecordProblem
from stampede.sources.pegasus.scalars import epoch, integer, unescape, utc_offset, yes
from stampede.sources.pegasus.yamltext import YamlTextError, load_text

#: Far more than any braindump holds.
_MAX_BYTES = 1 << 20

#: of a file, with room for what is appended to it
_LONGEST_NAME = 200
#: also a shortened one, as long as it can be asked for
_UUID = re.compile(r"[0-9A-Fa-f-]{4,64}")

#: Name in older files -> name today.
_OLD_NAMES = {
    "label": "dax_label",
    "pegasus_wf_time": "timestamp",
    "pegasus_version": "planner_version",
    "run": "basedir",
    "old_run_dir": "rundir",
    "pegasus_wf_uuid": "wf_uuid",
}


class Braindump(msgspec.Struct, kw_only=True):
    """The values of a braindump, as text where nothing else is said.

    ``timestamp`` is the text of the planner (``20261121T213846+0000``), ``planned_at`` its epoch seconds,
    ``utc_offset_s`` the seconds east of UTC of the submit host, which the times without a zone in the logs need.
    ``extra`` holds keys without a field of their own.
    """

    wf_uuid: str | None = None
    root_wf_uuid: str | None = None
    user: str | None = None
    grid_dn: str | None = None
    submit_hostname: str | None = None
    dax: str | None = None
    dax_label: str | None = None
    dax_index: str | None = None
    dax_version: str | None = None
    pegasus_wf_name: str | None = None
    timestamp: str | None = None
    planned_at: float | None = None
    utc_offset_s: int | None = None
    basedir: str | None = None
    submit_dir: str | None = None
    planner: str | None = None
    planner_version: str | None = None
    pegasus_build: str | None = None
    planner_arguments: str | None = None
    jsd: str | None = None
    rundir: str | None = None
    bindir: str | None = None
    vogroup: str | None = None
    uses_pmc: bool = False
    properties: str | None = None
    condor_log: str | None = None
    dag: str | None = None
    type: str | None = None
    notify: str | None = None
    script: str | None = None
    app: str | None = None
    extra: dict[str, str] = {}
    problems: list[RecordProblem] = []


_PLAIN = frozenset(Braindump.__struct_fields__) - {"planned_at", "utc_offset_s", "uses_pmc", "extra", "problems"}


def read_braindump(path: Path) -> Braindump | None:
    """The braindump at ``path`` (``.yml``, else taken for ``key value`` lines); ``None`` if it cannot be opened.

    What is wrong inside of it stands in ``problems``; a YAML file that is no YAML is read line by line.
    """
    try:
        with open_regular(path) as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError:
        return None
    problems: list[RecordProblem] = []
    if len(data) > _MAX_BYTES:
        message = f"{path.name} is longer than {_MAX_BYTES:,} bytes; the rest of it is not read."
        problems.append(RecordProblem("braindump", message, _MAX_BYTES))
        data = data[:_MAX_BYTES]
    text = data.decode("utf-8", "replace")
    values = _from_yaml(text, problems) if path.suffix in (".yml", ".yaml") else _from_lines(text, " ")
    return _braindump(values, problems)


def _from_yaml(text: str, problems: list[RecordProblem]) -> dict[str, str | None]:
    try:
        document = load_text(text)
    except YamlTextError as error:
        message = f"The braindump is no YAML ({error}); it was read line by line."
        problems.append(RecordProblem("braindump", message, 0))
        return _from_lines(text, ":")
    if not isinstance(document, dict):
        message = "The braindump holds no keys; was it cut short? The workflow is known by its DAG file only."
        problems.append(RecordProblem("braindump", message, 0))
        return {}
    return {key: value for key, value in document.items() if isinstance(value, str | None)}


def _from_lines(text: str, separator: str) -> dict[str, str | None]:
    values: dict[str, str | None] = {}
    for line in text.splitlines():
        key, found, value = line.strip().partition(separator)
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] == '"' and separator == ":":
            value = unescape(value[1:-1])
        if found and key and not key.startswith("#"):
            values[key.strip()] = None if value in ("null", "") else value
    return values


def _braindump(values: dict[str, str | None], problems: list[RecordProblem]) -> Braindump:
    result = Braindump(problems=problems, extra={})
    for key, value in values.items():
        name = key if key in _PLAIN else _OLD_NAMES.get(key, key)
        if name == "uses_pmc":
            result.uses_pmc = yes(value)
        elif name not in _PLAIN:
            if value is not None:
                result.extra[key] = value
        elif getattr(result, name) is None:
            setattr(result, name, value)
    for name in ("wf_uuid", "root_wf_uuid"):
        told = getattr(result, name)
        if told is not None and not _UUID.fullmatch(told):
            message = f"The braindump's {name} is no UUID ({told[:60]!r}); it is not used."
            problems.append(RecordProblem("braindump", message, 0))
            setattr(result, name, None)
    if result.dag is not None and not 0 < len(os.path.basename(result.dag).strip(".\0").encode()) <= _LONGEST_NAME:
        message = f"The braindump's dag is no name of a file ({result.dag[:60]!r}); it is not used."
        problems.append(RecordProblem("braindump", message, 0))
        result.dag = None
    arguments = result.planner_arguments
    if arguments and len(arguments) > 1 and arguments[0] == arguments[-1] == '"':
        result.planner_arguments = arguments[1:-1]
    result.planned_at = _planned_at(result.timestamp)
    result.utc_offset_s = utc_offset(result.timestamp)
    return result


def _planned_at(timestamp: str | None) -> float | None:
    seconds = integer(timestamp)
    return float(seconds) if seconds is not None else epoch(timestamp)
