"""Multipart blocks: YAML that PegasusLite appends to the output of its job, after a marker line.

Each file of ``$PEGASUS_MULTIPART_DIR`` becomes one block, a list of one-key mappings or a single mapping. Known keys:
``transfer_attempts``, ``integrity_verification_attempts``, ``integrity_summary``, ``location``.
"""

from __future__ import annotations

from stampede.sources.pegasus.records import (
    IntegrityAttempt,
    IntegritySummary,
    JobOutput,
    Location,
    OtherBlock,
    RecordProblem,
    TransferAttempt,
)
from stampede.sources.pegasus.scalars import epoch, integer, number, repaired, yes
from stampede.sources.pegasus.yamltext import Node, YamlTextError, load_text

MARKER = "---------------pegasus-multipart"


def read_block(text: str, offset: int, output: JobOutput) -> None:
    """Add what one block (Latin-1 text after its marker line) holds to ``output``; ``offset`` is that of the marker.

    A second ``integrity_summary`` is added to the first, lists of equal key are joined.
    """
    try:
        document = _plain(text) or load_text(repaired(text))
    except YamlTextError as error:
        message = f"A pegasus-multipart block could not be read ({error}). Its attempts and sums are missing here."
        output.problems.append(RecordProblem("multipart", message, offset))
        return
    parts = document if isinstance(document, list) else [document] if document is not None else []
    for part in parts:
        if not isinstance(part, dict):
            message = f"A pegasus-multipart block holds {str(part)[:60]!r} where a key was expected; it is ignored."
            output.problems.append(RecordProblem("multipart", message, offset))
            continue
        for key, value in part.items():
            _place(key, value, offset, output)


#: first characters of YAML values that mean more than the text they are
_MEANING = frozenset("'[{|>&*!#%@`,?-")


def _plain(text: str) -> Node:
    """A block of the plain shape PegasusLite writes, read without YAML: ``- key:`` over ``  - name: value`` or
    ``    name: value`` lines. None for anything else, which the general reader then gets."""
    parts: list[Node] = []
    key = ""
    part: dict[str, Node] = {}
    item: dict[str, Node] | None = None
    for line in text.split("\n"):
        if not line:
            continue
        if line.startswith("    "):
            if item is None:
                item = part[key] = {}
            rest = line[4:]
        elif line.startswith("  - "):
            many = part.get(key)
            if many is None:
                many = part[key] = []
            if not isinstance(many, list):
                return None
            item = {}
            many.append(item)
            rest = line[4:]
        elif line.startswith("- ") and line.endswith(":") and '"' not in line:
            key, item = line[2:-1], None
            part = {key: None}
            parts.append(part)
            continue
        else:
            return None
        name, colon, value = rest.partition(": ")
        if not colon or not parts or name in item or not name.replace("_", "").isalnum():
            return None
        if value[:1] == '"' and len(value) > 1 and value[-1] == '"' and "\\" not in value and '"' not in value[1:-1]:
            value = value[1:-1]
        elif (
            not value or value[0] in _MEANING or value[0] == '"' or " #" in value or ": " in value or value[-1] in " :"
        ):
            return None
        if not value.isascii() or not value.isprintable():
            return None
        item[name] = value
    return parts if all(None not in p.values() for p in parts if isinstance(p, dict)) else None


def _place(key: str, value: Node, offset: int, output: JobOutput) -> None:
    if key == "transfer_attempts" and isinstance(value, list):
        output.transfer_attempts.extend(_transfer(item) for item in value if isinstance(item, dict))
    elif key == "integrity_verification_attempts" and isinstance(value, list):
        output.integrity_attempts.extend(_attempt(item) for item in value if isinstance(item, dict))
    elif key == "integrity_summary" and isinstance(value, dict):
        output.integrity = _added(output.integrity, value)
    elif key == "location" and isinstance(value, dict) and output.location is None:
        output.location = _location(value)
    else:
        output.blocks.append(OtherBlock(key, value, offset))


def _transfer(item: dict[str, Node]) -> TransferAttempt:
    start = _text(item, "start")
    return TransferAttempt(
        lfn=_text(item, "lfn"),
        src_url=_text(item, "src_url"),
        src_label=_text(item, "src_label"),
        dst_url=_text(item, "dst_url"),
        dst_label=_text(item, "dst_label"),
        success=yes(item.get("success")),
        start_time=number(start) if number(start) is not None else epoch(start),
        duration_s=number(item.get("duration")),
        size_bytes=integer(item.get("bytes")),
    )


def _attempt(item: dict[str, Node]) -> IntegrityAttempt:
    return IntegrityAttempt(
        lfn=_text(item, "lfn"),
        pfn=_text(item, "pfn"),
        sha256=_text(item, "sha256"),
        success=yes(item.get("success")),
    )


def _added(known: IntegritySummary | None, item: dict[str, Node]) -> IntegritySummary:
    known = known or IntegritySummary(0, 0, 0.0)
    return IntegritySummary(
        known.succeeded + (integer(item.get("succeeded")) or 0),
        known.failed + (integer(item.get("failed")) or 0),
        known.duration_s + (number(item.get("duration")) or 0.0),
    )


def _location(item: dict[str, Node]) -> Location:
    return Location(
        ip=_text(item, "ip"),
        latitude=number(item.get("latitude")),
        longitude=number(item.get("longitude")),
        geohash=_text(item, "geohash"),
        organization=_text(item, "organization"),
        subdomain=_text(item, "subdomain"),
    )


def _text(item: dict[str, Node], key: str) -> str | None:
    value = item.get(key)
    return value if isinstance(value, str) else None
