"""The small files about files: ``.meta`` and ``B.cache.meta``, ``B.metadata``, and ``B.exitcode.log``."""

from __future__ import annotations

import re
from datetime import datetime

import msgspec

from stampede.sources.pegasus.records import RecordProblem
from stampede.sources.pegasus.scalars import epoch, integer, number

_CACHE_PAIR = re.compile(r'([\w.-]+)="((?:[^"\\]|\\.)*)"')
_PFN_MARK = " @@PFN@@"


class FileMeta(msgspec.Struct, gc=False):
    """What pegasus-exitcode knows of an output file; ``attributes`` are all its attributes, as text."""

    lfn: str
    size_bytes: int | None
    user: str | None
    ctime: str | None
    checksum_type: str | None
    checksum: str | None
    checksum_timing: float | None
    attributes: dict[str, str]


class ExitcodeEntry(msgspec.Struct, gc=False):
    """One verdict of pegasus-exitcode.

    ``exitcode`` is its own (what DAGMan sees), ``app_exitcode`` that of the job; ``retry`` numbers the output file
    (``.out.NNN``). ``timestamp`` is text without zone: local time of the submit host.
    """

    name: str
    timestamp: str | None = None
    exitcode: int | None = None
    app_exitcode: int | None = None
    retry: int | None = None
    job_retry: int | None = None
    std_out: str = ""
    std_err: str = ""
    offset: int = 0

    def at(self, utc_offset_s: int = 0) -> float | None:
        """Epoch seconds, for a submit host so many seconds east of UTC."""
        try:
            stamp = datetime.fromisoformat(self.timestamp) if self.timestamp else None
        except ValueError:
            return None
        if stamp is None:
            return None
        if stamp.tzinfo is not None:
            return stamp.timestamp()
        return (epoch(f"{self.timestamp}+00:00") or 0.0) - utc_offset_s


class WorkflowMetadata(msgspec.Struct):
    """``B.metadata``: of the workflow, of each job (node name to mapping), and whatever else the file holds."""

    workflow: dict[str, str]
    jobs: dict[str, dict[str, str]]
    wf_uuid: str | None
    root_wf_uuid: str | None


class _MetaEntry(msgspec.Struct):
    id: str = msgspec.field(name="_id", default="")
    type: str = msgspec.field(name="_type", default="file")
    attributes: dict[str, object] = msgspec.field(name="_attributes", default_factory=dict)


class _MetadataGraph(msgspec.Struct):
    jobs: dict[str, dict[str, object]] = {}


class _MetadataFile(msgspec.Struct):
    root_workflow_uuid: str | None = None
    workflow_uuid: str | None = None
    wf_metadata: dict[str, object] = {}
    graph: _MetadataGraph = msgspec.field(default_factory=_MetadataGraph)


_META = msgspec.json.Decoder(list[_MetaEntry])
_EXITCODE = msgspec.json.Decoder(ExitcodeEntry, strict=False)
_METADATA = msgspec.json.Decoder(_MetadataFile, strict=False)


def read_meta(data: bytes) -> tuple[list[FileMeta], list[RecordProblem]]:
    """The files of a ``<job>.meta`` (JSON list of pegasus-exitcode)."""
    if not data.strip():
        return [], []
    try:
        entries = _META.decode(_utf8(data))
    except (msgspec.MsgspecError, RecursionError) as error:
        message = (
            f"The .meta file is not the JSON list it should be ({str(error)[:120]}); its files lack checksums here."
        )
        return [], [RecordProblem("meta", message, 0)]
    return [_file_meta(entry.id, _texts(entry.attributes)) for entry in entries if entry.type == "file"], []


def read_cache_meta(data: bytes) -> tuple[list[FileMeta], list[RecordProblem]]:
    """The files of ``B.cache.meta``: lines ``lfn @@PFN@@ key="value" …``; a file written twice counts twice."""
    files: list[FileMeta] = []
    problems: list[RecordProblem] = []
    offset = 0
    for raw in data.splitlines(keepends=True):
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        lfn, mark, pairs = line.partition(_PFN_MARK)
        if mark and lfn:
            files.append(_file_meta(lfn, dict(_CACHE_PAIR.findall(pairs))))
        elif line.strip() and not line.startswith("#"):
            message = f"A line of the cache is no file: {line[:80]!r}. It is ignored."
            problems.append(RecordProblem("cache-meta", message, offset))
        offset += len(raw)
    return files, problems


def read_exitcode_log(data: bytes) -> tuple[list[ExitcodeEntry], list[RecordProblem]]:
    """The entries of ``B.exitcode.log`` (one JSON object a line), in the order written."""
    entries: list[ExitcodeEntry] = []
    problems: list[RecordProblem] = []
    offset = 0
    for raw in data.split(b"\n"):
        if raw.strip():
            try:
                entry = _EXITCODE.decode(_utf8(raw))
                entry.offset = offset
                entries.append(entry)
            except (msgspec.MsgspecError, RecursionError) as error:
                message = f"A line of the exitcode log is not its JSON ({str(error)[:120]}); it is ignored."
                problems.append(RecordProblem("exitcode-log", message, offset))
        offset += len(raw) + 1
    return entries, problems


def read_metadata(data: bytes) -> tuple[WorkflowMetadata | None, list[RecordProblem]]:
    """``B.metadata`` of the planner; jobs without metadata are left out."""
    try:
        content = _METADATA.decode(_utf8(data))
    except (msgspec.MsgspecError, RecursionError) as error:
        message = f"The metadata file of the workflow could not be read ({str(error)[:120]}); metadata is missing here."
        return None, [RecordProblem("metadata", message, 0)]
    jobs = {name: _texts(values) for name, values in content.graph.jobs.items() if values}
    metadata = WorkflowMetadata(_texts(content.wf_metadata), jobs, content.workflow_uuid, content.root_workflow_uuid)
    return metadata, []


def _file_meta(lfn: str, attributes: dict[str, str]) -> FileMeta:
    return FileMeta(
        lfn=lfn,
        size_bytes=integer(attributes.get("size")),
        user=attributes.get("user"),
        ctime=attributes.get("ctime"),
        checksum_type=attributes.get("checksum.type"),
        checksum=attributes.get("checksum.value"),
        checksum_timing=number(attributes.get("checksum.timing")),
        attributes=attributes,
    )


def _texts(values: dict[str, object]) -> dict[str, str]:
    return {
        key: value if isinstance(value, str) else msgspec.json.encode(value).decode() for key, value in values.items()
    }


def _utf8(data: bytes) -> bytes:
    return data if data.isascii() else data.decode("utf-8", "replace").encode()
