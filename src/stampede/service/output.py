"""What jobs printed, byte by byte: files of submit directories by range, in constant memory, never interpreted."""

from __future__ import annotations

import functools
import hashlib
import os
import pwd
import re
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Request, Response
from litestar.params import QueryParameter
from litestar.response import Stream

from stampede.errors import UnknownJobError
from stampede.query.job import Try
from stampede.query.workflows import of_uuid
from stampede.service.asking import Ask
from stampede.service.beneath import is_submit_dir, open_beneath
from stampede.service.parameters import Asked, Attempt, JobName, Uuid
from stampede.service.problems import ProblemError
from stampede.service.ranges import TAIL_PATTERN, UnsatisfiableError, tail_bytes, wanted
from stampede.service.single import try_of
from stampede.service.view import View

Which = Literal["stdout", "stderr", "kickstart"]
Tail = Annotated[str | None, QueryParameter(pattern=TAIL_PATTERN, description="only the last bytes: 500, 64k, 1M")]
#: bytes that are read at once
_PIECE: Final = 256 << 10
#: how kickstart records begin, of which pegasus-cluster writes several, after what it has to say itself
_RECORD: Final = re.compile(rb"^(- invocation:|<\?xml|<invocation|\[cluster-)", re.M)
#: a browser must show this as text, or not at all
_HEADERS: Final = {
    "x-content-type-options": "nosniff", "content-disposition": "inline", "content-security-policy": "sandbox",
    "cache-control": "private, no-cache", "accept-ranges": "bytes", "cross-origin-resource-policy": "same-origin",
}  # fmt: skip


class Source(msgspec.Struct, kw_only=True):
    """Where output comes from: an open file, or text that the database keeps."""

    handle: int | None = None
    text: bytes = b""
    size: int
    tag: str


async def stdout(ask: Asked, uuid: Uuid, name: JobName, number: Attempt, tail: Tail = None) -> Response[bytes]:
    """What the program of a try wrote to standard output, as plain text; by byte range, of any size."""
    return await _serve(ask, uuid, name, number, "stdout", tail)


async def stderr(ask: Asked, uuid: Uuid, name: JobName, number: Attempt, tail: Tail = None) -> Response[bytes]:
    """What the program of a try wrote to standard error, as plain text; by byte range, of any size."""
    return await _serve(ask, uuid, name, number, "stderr", tail)


async def kickstart(ask: Asked, uuid: Uuid, name: JobName, number: Attempt, tail: Tail = None) -> Response[bytes]:
    """The record that kickstart wrote of a try, as it is, as plain text; by byte range."""
    return await _serve(ask, uuid, name, number, "kickstart", tail)


async def _serve(ask: Ask, uuid: str, name: str, number: int, which: Which, tail: str | None) -> Response[bytes]:
    source = await ask.shared.in_thread(functools.partial(source_of, ask, uuid, name, number, which))
    return await serve(ask, source, tail)


async def serve(ask: Ask, source: Source, tail: str | None) -> Response[bytes]:
    """The bytes of a source that are asked for; the source is closed behind them. Raises ProblemError (416)."""
    try:
        headers = {**_HEADERS, "etag": f'"{source.tag}"'}
        if source.tag in ask.request.headers.get("if-none-match", ""):
            close(source)
            return Response(b"", status_code=304, headers=headers)
        start, end, status = _part(ask.request, source, tail)
        if status == 206:
            headers["content-range"] = f"bytes {start}-{end - 1}/{source.size}"
        headers["content-length"] = str(end - start)
    except BaseException:
        close(source)
        raise
    if ask.request.method == "HEAD":
        close(source)
        return Response(b"", status_code=status, headers=headers, media_type=_TEXT)
    if source.handle is None:
        return Response(source.text[start:end], status_code=status, headers=headers, media_type=_TEXT)
    stream: Any = Stream(_pieces(ask, source.handle, start, end), status_code=status, headers=headers, media_type=_TEXT)
    return stream  # type: ignore[no-any-return]


_TEXT: Final = "text/plain"


def _part(request: Request[Any, Any, Any], source: Source, tail: str | None) -> tuple[int, int, int]:
    """First byte, the one behind the last, and the status. Raises ProblemError (416)."""
    header = request.headers.get("range", "")
    condition = request.headers.get("if-range")
    if header and (condition is None or condition == f'"{source.tag}"'):
        try:
            found = wanted(header, source.size)
        except UnsatisfiableError:
            raise ProblemError(
                416, "range", f"There are {source.size} bytes.", headers={"content-range": f"bytes */{source.size}"}
            ) from None
        if found is not None:
            return *found, 206
    if tail is not None:
        return max(0, source.size - tail_bytes(tail)), source.size, 200
    return 0, source.size, 200


async def _pieces(ask: Ask, handle: int, start: int, end: int) -> AsyncIterator[bytes]:
    """The bytes of a file, read in threads. A file that is cut meanwhile ends early; one that grows, where it was."""
    try:
        while start < end:
            piece = await ask.shared.in_thread(functools.partial(os.pread, handle, min(_PIECE, end - start), start))
            if not piece:
                break
            start += len(piece)
            yield piece
    finally:
        os.close(handle)


def close(source: Source) -> None:
    """Let go of the file, if it is one."""
    if source.handle is not None:
        os.close(source.handle)


# ---- in a thread: which file, or which text -------------------------------------------------------------------------


def source_of(ask: Ask, uuid: str, name: str, number: int, which: Which) -> Source:
    """What a try printed, open. Raises UnknownJobError, ProblemError (403)."""
    one, folder = ask.now(uuid, functools.partial(_try_and_folder, name, number))
    handle = opened(ask, folder, one.files.get("stderr" if which == "stderr" else "stdout"))
    record = handle is not None and which != "stderr" and _is_record(handle)
    if which == "kickstart":
        if handle is None or not record:
            _drop(handle)
            raise UnknownJobError(f"Try {number} of job {name[:200]} left no kickstart record that can be read.")
        return file_source(handle)
    if handle is not None and not record:
        return file_source(handle)
    _drop(handle)
    text = "".join(o.text for o in one.output if o.stream == which).encode("utf-8", "replace")
    if handle is None and not text:
        raise UnknownJobError(
            f"Of try {number} of job {name[:200]} there is no {which}: no file of it lies in the submit directory, and "
            "the database has nothing."
        )
    return Source(text=text, size=len(text), tag=f"{len(text):x}-{hashlib.blake2b(text, digest_size=8).hexdigest()}")


def _try_and_folder(name: str, number: int, view: View) -> tuple[Try, str | None]:
    """The try, and the submit directory of the workflow that its job is in."""
    job, one = try_of(name, number, view)
    owner = of_uuid(view.reader, job.wf_uuid) or view.workflow
    return one, owner.found_dir or owner.submit_dir


def opened(ask: Ask, folder: str | None, path: str | None) -> int | None:
    """The file, open; None when there is none. Raises ProblemError (403) for one outside of the submit directory."""
    if not folder or not path or not is_submit_dir(folder) or not _is_theirs(ask.visitor.only_user, folder):
        return None
    try:
        if ask.shared.databases.is_database(path):
            raise PermissionError
        return open_beneath(folder, path)
    except PermissionError:
        raise ProblemError(
            403, "outside", "The file is not given: it does not lie in the submit directory, is a database, or is not "
            "for the service to read."
        ) from None  # fmt: skip
    except OSError:
        return None


def _is_theirs(user: str | None, folder: str) -> bool:
    """Whether a folder is one of the user's who asks; None may read all.

    Where a workflow lies is what somebody sent: it must not open the folders of others.
    """
    if user is None:
        return True
    try:
        return pwd.getpwuid(os.stat(folder).st_uid).pw_name == user
    except (OSError, KeyError):
        return False


def _is_record(handle: int) -> bool:
    return _RECORD.search(os.pread(handle, 4096, 0)) is not None


def file_source(handle: int) -> Source:
    """An open file as a source."""
    found = os.fstat(handle)
    tag = f"{found.st_ino:x}-{found.st_size:x}-{found.st_mtime_ns:x}"
    return Source(handle=handle, size=found.st_size, tag=tag)


def _drop(handle: int | None) -> None:
    if handle is not None:
        os.close(handle)
