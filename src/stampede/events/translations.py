"""What the translations of the older dialects have in common.

Each dialect has a table of its own that says what an attribute is called today. What its values meant differs from
today in the same way in both: exit codes were regular ones (now raw wait statuses), memory was in bytes (now kB), types
of jobs were words with blanks (now with hyphens, and a number).
"""

from __future__ import annotations

from collections.abc import Callable

from stampede.events.checks import Record

#: The name an event has today, and the record as it is today.
Named = tuple[str, Record]
Translate = Callable[[Record], list[Named]]

#: The numbers of the types, by the words that both dialects share.
JOB_TYPES = {
    word: number
    for number, word in enumerate(
        ("unknown", "compute", "stage-in-tx", "stage-out-tx", "registration", "inter-site-tx", "create-dir",
         "staged-compute", "cleanup", "chmod", "dax", "dag")
    )
}  # fmt: skip


def rename(record: Record, names: dict[str, str]) -> Record:
    """The record with the names of today; an attribute that has none keeps its own."""
    get = names.get
    return {get(key, key): value for key, value in record.items()}


def raw_exit(record: Record) -> None:
    """Turns a regular exit code (0..255) into a raw wait status."""
    code = record.get("exitcode")
    if isinstance(code, str) and code.isascii() and code.isdigit():
        code = int(code)
    if isinstance(code, int) and 0 < code < 256:
        record["exitcode"] = code << 8


def kilobytes(record: Record) -> None:
    """Turns ``total_memory`` from bytes into kB."""
    size = record.get("total_memory")
    if isinstance(size, str) and size.isascii() and size.isdigit():
        size = int(size)
    if isinstance(size, int):
        record["total_memory"] = size // 1024


def job_type(record: Record) -> None:
    """Writes the word of a type as today, and adds its number."""
    word = record.get("type_desc")
    if isinstance(word, str):
        record["type_desc"] = word.replace(" ", "-")
        if (number := JOB_TYPES.get(record["type_desc"])) is not None:
            record.setdefault("type", number)


def translation(new: str, names: dict[str, str], *changes: Callable[[Record], None]) -> Translate:
    """A translation to the event ``new``: attributes renamed by ``names``, then each change made to the record."""

    def translate(record: Record) -> list[Named]:
        renamed = rename(record, names)
        for change in changes:
            change(renamed)
        return [(new, renamed)]

    return translate


def invocation(names: dict[str, str]) -> Translate:
    """The translation of an invocation's end in the dialect with these names."""
    return translation("stampede.inv.end", names, raw_exit)


def host(names: dict[str, str]) -> Translate:
    """The translation of what is told of a host in the dialect with these names."""
    return translation("stampede.job_inst.host.info", names, kilobytes)
