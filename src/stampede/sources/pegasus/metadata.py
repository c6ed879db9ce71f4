"""What Pegasus keeps about files and jobs in small JSON files: ``<job>.meta`` and ``<workflow>.metadata``."""

from __future__ import annotations

import msgspec

from stampede.sources.pegasus.records import RecordProblem


class FileMeta(msgspec.Struct, gc=False):
    """What pegasus-exitcode kept of an output file; ``attributes`` are all it kept, as text (size, user, ctime,
    checksum.type, checksum.value, checksum.timing)."""

    lfn: str
    attributes: dict[str, str]


class _MetaEntry(msgspec.Struct):
    id: str = msgspec.field(name="_id", default="")
    type: str = msgspec.field(name="_type", default="file")
    attributes: dict[str, object] = msgspec.field(name="_attributes", default_factory=dict)


class _MetadataFile(msgspec.Struct):
    wf_metadata: dict[str, object] = {}


_META = msgspec.json.Decoder(list[_MetaEntry])
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
    return [FileMeta(entry.id, _texts(entry.attributes)) for entry in entries if entry.type == "file"], []


def read_metadata(data: bytes) -> tuple[dict[str, str], list[RecordProblem]]:
    """Keys and values of the workflow in ``<workflow>.metadata`` (JSON of the planner)."""
    try:
        return _texts(_METADATA.decode(_utf8(data)).wf_metadata), []
    except (msgspec.MsgspecError, RecursionError) as error:
        message = f"The metadata file of the workflow could not be read ({str(error)[:120]}); metadata is missing here."
        return {}, [RecordProblem("metadata", message, 0)]


def _texts(values: dict[str, object]) -> dict[str, str]:
    return {
        key: value if isinstance(value, str) else msgspec.json.encode(value).decode() for key, value in values.items()
    }


def _utf8(data: bytes) -> bytes:
    return data if data.isascii() else data.decode("utf-8", "replace").encode()
