"""A whole output file of a job (``.out``), taken apart into its records in file order.

A file is a chain of pieces: kickstart records (YAML or XML), lines of the cluster tool, multipart blocks, and text of
others in between. A piece is recognised where it starts and ends where its own format says, so that what a program
printed inside of a record is never taken for a record.
"""

from __future__ import annotations

from stampede.sources.pegasus import cluster, kickstart, kickstart_xml, multipart, payload
from stampede.sources.pegasus.records import (
    ClusterSummary,
    ClusterTask,
    Invocation,
    JobOutput,
    OtherBlock,
    RecordProblem,
)
from stampede.sources.pegasus.scalars import repaired

#: Of larger files only the head and the tail (half of this each) are read.
MAX_BYTES = 64 << 20

_YAML = "- invocation:"
#: What may start in the middle of a line: the program before it printed no final newline.
_ANYWHERE = (
    "- invocation: True\n",
    "[cluster-task ",
    "[cluster-summary ",
    "[seqexec-task ",
    "[seqexec-summary ",
    multipart.MARKER,
    "<?xml ",
)
_LINE_START = ("\n- invocation:", "\n<invocation", "\n[struct ")


def parse_output(data: bytes) -> JobOutput:
    """All records of an output file; see :class:`JobOutput`. Never raises on content."""
    output = JobOutput()
    if len(data) <= MAX_BYTES:
        rest = _parse(data, 0, output)
    else:
        rest = _parse_ends(data, output)
    _take_payloads(output, rest)
    return output


def _parse_ends(data: bytes, output: JobOutput) -> list[str]:
    half = MAX_BYTES // 2
    head = data.rfind(b"\n", 0, half) + 1 or half
    tail = data.find(b"\n", len(data) - half) + 1 or len(data) - half
    message = (
        f"The output file has {len(data):,} bytes; bytes {head:,} to {tail:,} were not searched for records. "
        "Should tasks be missing, look there."
    )
    output.problems.append(RecordProblem("output-too-large", message, head))
    return _parse(data[:head], 0, output) + _parse(data[tail:], tail, output)


def _parse(data: bytes, base: int, output: JobOutput) -> list[str]:
    """Read ``data``, which starts at byte ``base`` of the file, into ``output``; the text outside of records."""
    text = data.decode("latin-1")
    first = (len(output.invocations), len(output.cluster_tasks), len(output.problems), len(output.blocks))
    rest: list[str] = []
    marks = _Marks(text)
    position = 0
    while position < len(text):
        end = _read_piece(text, position, output, marks)
        if end is None:
            end = marks.following(position)
            rest.append(text[position:end])
        position = end
    if base:
        _shift(output, first, base)
    return rest


def _read_piece(text: str, start: int, output: JobOutput, marks: _Marks) -> int | None:
    """Read the record that starts at ``start``; its end, or ``None`` when none starts there."""
    first = text[start]
    if first == "-":
        if text.startswith(_YAML, start):
            invocation, end = kickstart.read_record(text, start, output.problems)
            if invocation is not None:
                output.invocations.append(invocation)
            return end
        if text.startswith(multipart.MARKER, start):
            return _read_multipart(text, start, output, marks)
    elif first == "[":
        return _read_cluster(text, start, output)
    elif first == "<":
        found = kickstart_xml.read_xml(text, start, output.problems)
        if found is not None:
            if found[0] is not None:
                output.invocations.append(found[0])
            return found[1]
    return None


def _read_multipart(text: str, start: int, output: JobOutput, marks: _Marks) -> int:
    line_end = text.find("\n", start)
    if line_end == -1:
        return len(text)
    end = marks.following(start)
    block = text[line_end + 1 : end]
    lines = block.split("\n")
    strange = next((number for number, line in enumerate(lines) if line and line[0] not in _YAML_STARTS), None)
    if strange is not None:
        block = "\n".join(lines[:strange]) + "\n"
        end = line_end + 1 + len(block) if strange else line_end + 1
        block = block if strange else ""
    multipart.read_block(block, start, output)
    return end


#: First characters of lines in a block of :mod:`multipart`: list items, indented lines and plain keys.
_YAML_STARTS = frozenset(' -"abcdefghijklmnopqrstuvwxyz_\r')


def _read_cluster(text: str, start: int, output: JobOutput) -> int | None:
    line = cluster.LINE.match(text, start)
    if line is None:
        return None
    record = cluster.read_line(line)
    if isinstance(record, ClusterTask):
        output.cluster_tasks.append(record)
    elif isinstance(record, ClusterSummary):
        output.cluster_summary = record
    else:
        output.problems.append(record)
    return line.end()


def _shift(output: JobOutput, first: tuple[int, int, int, int], base: int) -> None:
    """Turn offsets within a piece of the file into offsets of the file."""
    records: list[Invocation | ClusterTask | OtherBlock] = [
        *output.invocations[first[0] :],
        *output.cluster_tasks[first[1] :],
        *output.blocks[first[3] :],
    ]
    for record in records:
        record.offset += base
    output.problems[first[2] :] = [
        RecordProblem(problem.kind, problem.message, problem.offset + base) for problem in output.problems[first[2] :]
    ]


def _take_payloads(output: JobOutput, rest: list[str]) -> None:
    """Move monitoring payloads from captured text and from the rest into their own list."""
    for number, invocation in enumerate(output.invocations, start=1):
        for stream in ("stdout", "stderr"):
            text = getattr(invocation, stream)
            if text is not None and payload.START in text:
                text, found = payload.extract_payloads(text, stream, number, invocation.offset, output.problems)
                setattr(invocation, stream, text or None)
                output.payloads.extend(found)
    text = repaired("".join(rest))
    if payload.START in text:
        text, found = payload.extract_payloads(text, "stdout", None, 0, output.problems)
        output.payloads.extend(found)
    output.rest = text


class _Marks:
    """Where the next record may start, each kind of mark looked up once until it is passed."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._anywhere = dict.fromkeys(_ANYWHERE, -1)
        self._line_start = dict.fromkeys(_LINE_START, -1)

    def following(self, position: int) -> int:
        """The first mark after ``position``; the end of the text if there is none."""
        nearest = len(self._text)
        for mark, known in self._anywhere.items():
            if known <= position:
                found = self._text.find(mark, position + 1)
                known = self._anywhere[mark] = found if found != -1 else len(self._text)
            nearest = min(nearest, known)
        for mark, known in self._line_start.items():
            if known <= position:
                found = self._text.find(mark, position)
                known = self._line_start[mark] = found + 1 if found != -1 else len(self._text)
            nearest = min(nearest, known)
        return nearest
