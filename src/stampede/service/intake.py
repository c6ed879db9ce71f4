"""Events in: batches of records, each stored once (``POST /api/v1/events``)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Final, cast

import msgspec
from litestar import Litestar, Request, Response
from litestar.params import HeaderParameter, QueryParameter

from stampede.errors import DatabaseError
from stampede.intake import GapError, IntakeFullError, Stored, Writer, make_batch
from stampede.intake.batch import MOST_NAME, NAME_PATTERN
from stampede.places import state_folder, url_of
from stampede.service.problems import MEDIA_TYPE, ProblemError, told
from stampede.service.settings import Settings
from stampede.service.unpacking import unpacked
from stampede.service.visitor import Visitor, visitor_of

_NAMED: Final = "who sends: a name that nobody else has"
Source = Annotated[
    str,
    HeaderParameter(
        name="Stampede-Source", description=_NAMED, min_length=1, max_length=MOST_NAME, pattern=NAME_PATTERN
    ),
]  # fmt: skip
Name = Annotated[
    str,
    QueryParameter(name="source", description=_NAMED, min_length=1, max_length=MOST_NAME, pattern=NAME_PATTERN),
]
Sequence = Annotated[
    int, HeaderParameter(name="Stampede-Sequence", description="number of the first record", ge=1, le=2**62)
]
#: bytes of a body as it travels
BODY_BYTES: Final = 16 << 20
#: a sender waits so long for its batch to be stored, in seconds; then it is to ask again
_PATIENCE_S: Final = 30.0
_SOON: Final = {"retry-after": "1"}


class Intake:
    """The writer of the service, made when the first batch comes."""

    def __init__(self, settings: Settings) -> None:
        self.url = intake_url(settings)
        self._writer: Writer | None = None
        self._closed = False
        self._lock = threading.Lock()

    def writer(self) -> Writer:
        """The writer. Raises ProblemError when the service ends."""
        with self._lock:
            if self._closed:
                raise ProblemError(503, "unavailable", "The service ends; send it again.", headers=_SOON)
            if self._writer is None:
                self._writer = Writer(self.url)
            return self._writer

    def close(self) -> None:
        """Store what waits."""
        with self._lock:
            self._closed = True
            writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()


def intake_url(settings: Settings) -> str:
    """The database that events go to."""
    if settings.intake is not None:
        return settings.intake
    if settings.databases:
        return settings.databases[0]
    return url_of(state_folder() / "databases" / "received.stampede.sqlite")


@asynccontextmanager
async def lifespan(app: Litestar) -> AsyncIterator[None]:
    """``app.state.intake`` as long as the service lives."""
    app.state.intake = Intake(app.state.settings)
    try:
        yield
    finally:
        await asyncio.to_thread(app.state.intake.close)


class Gap(msgspec.Struct, kw_only=True):
    """The problem of a batch before which records are missing: send on from ``stored`` + 1."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    stored: int


async def receive(request: Request[Any, Any, Any], source: Source, first: Sequence) -> Response[Stored]:
    """Store a batch of records (BP or JSON lines; gzip or zstd) and say how far the source is stored.

    ``Stampede-Source`` names the sender, ``Stampede-Sequence`` is the number of the first record: a sender numbers its
    records from 1. A batch that was stored before is answered like a new one. 409: records before it are missing;
    ``stored`` is the number of the last one that is there. When the answer comes, the batch is on the disk.
    """
    visitor = _sender(request)
    settings: Settings = request.app.state.settings
    body = await request.body()
    packing = request.headers.get("content-encoding", "")
    intake: Intake = request.app.state.intake
    batch = await asyncio.to_thread(
        lambda: make_batch(source, first, unpacked(body, packing, settings.batch_bytes), user=visitor.only_user)
    )
    try:
        waiting = intake.writer().submit(batch)
        stored = await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(waiting)), _PATIENCE_S)
    except GapError as e:
        return cast(Response[Stored], _gap(request, e))
    except IntakeFullError as e:
        raise ProblemError(503, "full", str(e), headers=_SOON) from e
    except TimeoutError as e:
        raise ProblemError(503, "slow", "It is not stored yet; send it again.", headers=_SOON) from e
    except DatabaseError as e:
        raise ProblemError(503, "database", told(e), headers=_SOON) from e
    return Response(stored)


async def how_far(request: Request[Any, Any, Any], source: Name) -> Stored:
    """The number of the last record of a source that is stored; 0 when there is none."""
    visitor = _sender(request)
    batch = make_batch(source, 1, b"{}", user=visitor.only_user)
    empty = msgspec.structs.replace(batch, lines=[], first=1)
    try:
        waiting = request.app.state.intake.writer().submit(empty)
        return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(waiting)), _PATIENCE_S)
    except DatabaseError as e:
        raise ProblemError(503, "database", told(e), headers=_SOON) from e
    except (TimeoutError, IntakeFullError) as e:
        raise ProblemError(503, "database", str(e) or "The database is busy.", headers=_SOON) from e


def _sender(request: Request[Any, Any, Any]) -> Visitor:
    visitor = visitor_of(request)
    if not visitor.may_write:
        raise ProblemError(403, "forbidden", "Sending events takes a credential that may write.")
    return visitor


def _gap(request: Request[Any, Any, Any], e: GapError) -> Response[bytes]:
    gap = Gap(
        type="/problems/gap", title="Conflict", status=409, detail=str(e), instance=request.scope["path"],
        stored=e.stored,
    )  # fmt: skip
    return Response(msgspec.json.encode(gap), status_code=409, media_type=MEDIA_TYPE)
