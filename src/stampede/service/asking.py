"""A question on its way: its answer is kept, or it is made, encoded, and kept until the database changes.

::

    Ask.workflow ─► where it lies ─► stamp of the database ─► key ─┬─► the visitor has it already   304
                                                                   ├─► kept                         200
                                                                   └─► a reader, or a thread ─► encoded ─► kept
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar, cast

from litestar import Request, Response

from stampede.errors import UnknownWorkflowError
from stampede.service.answering import Asker, Encoder, Work, answered, asked
from stampede.service.databases import Database, Databases
from stampede.service.forms import Form, choose, json
from stampede.service.kept import Answer, Costly, Kept
from stampede.service.packing import LEAST_BYTES, coding_for, codings
from stampede.service.readers.crew import Crew, NobodyReadsError
from stampede.service.settings import Settings
from stampede.service.view import View
from stampede.service.visitor import visitor_of

T = TypeVar("T")
_ONLY_JSON: Final[tuple[Form, ...]] = ("json",)
#: with more databases than this, looking whether they changed is no matter of the event loop any more
_FEW: Final = 64
#: a question whose answer may take long, and the stamp of the database that it is asked by
Costliness = tuple[bytes, bytes] | None


class Asking:
    """What all questions share: the databases, the answers that are kept, the threads, and the processes that read,
    where there are any."""

    def __init__(self, settings: Settings, databases: Databases) -> None:
        self.settings = settings
        self.databases = databases
        self.kept = Kept(settings.kept_bytes)
        self.costly = Costly()
        self.crew: Crew | None = None
        self._threads: ThreadPoolExecutor | None = None
        self._under_way: dict[bytes, asyncio.Future[Answer]] = {}

    async def in_thread(self, function: Callable[[], T]) -> T:
        """Run what waits for a database or a file."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self.settings.threads, thread_name_prefix="question")
        return await asyncio.get_running_loop().run_in_executor(self._threads, function)

    async def once(self, key: bytes, work: Work, costly: Costliness = None) -> Answer:
        """The answer that is kept, or made now; those who ask the same at the same time wait for the one who asked
        first. ``costly``: by which question and stamp it is noted how long it took."""
        found = self.kept.get(key)
        if found is not None:
            return found
        running = self._under_way.get(key)
        if running is None:
            running = asyncio.ensure_future(self._made(work))
            self._under_way[key] = running
            running.add_done_callback(functools.partial(self._done, key, costly))
        return await asyncio.shield(running)

    async def _made(self, work: Work) -> Answer:
        if self.crew is not None:
            try:
                return await self.crew.ask(work)
            except NobodyReadsError:
                pass
        return await self.in_thread(functools.partial(answered, work, self.databases))

    def _done(self, key: bytes, costly: Costliness, future: asyncio.Future[Answer]) -> None:
        self._under_way.pop(key, None)
        if not future.cancelled() and future.exception() is None:
            answer = future.result()
            self.kept.put(key, answer)
            if costly is not None:
                self.costly.note(*costly, answer.took_s)

    def close(self) -> None:
        """Let go of the threads, which come again with the next question, and of the processes."""
        crew, self.crew = self.crew, None
        if crew is not None:
            crew.close()
        threads, self._threads = self._threads, None
        if threads is not None:
            threads.shutdown(wait=False, cancel_futures=True)


class Ask:
    """One request as handlers see it: ``at`` is the time as of which is asked."""

    def __init__(self, shared: Asking, request: Request[Any, Any, Any], at: float | None, named: str | None) -> None:
        self.shared = shared
        self.request = request
        self.at = at
        self.visitor = visitor_of(request)
        self.asker = Asker(visitor=self.visitor, at=at)
        self._named = named

    async def workflow(
        self, uuid: str, question: Callable[[View], T], *, forms: Sequence[Form] = _ONLY_JSON,
        encoder: Encoder | None = None, moment: str = "", costly: bool = False,
        remembers: bool = False,
    ) -> Response[T]:  # fmt: skip
        """Ask about a workflow. ``moment`` changes when the answer is to be made anew although the database is the
        same (for what depends on the clock). ``costly``: an answer that took long may be some times as old as it took,
        while the database goes on to change. ``remembers`` as :class:`Work` has it. Raises UnknownWorkflowError."""
        databases = self.shared.databases
        form = choose(self._named, self.request.headers.get("accept", ""), forms)
        place = databases.known(uuid)
        if place is not None and not place.database.lately():
            databases.forget(uuid)  # its file is gone: it may be elsewhere now
            place = None
        if place is None or not self.visitor.may_see(place.user):
            place = await self.shared.in_thread(lambda: databases.find(uuid, self.visitor))
        database = place.database
        work = Work(
            urls=(database.url,), uuid=uuid, asker=self.asker, question=question, form=form,
            encoder=encoder or _encode_json, remembers=remembers,
        )  # fmt: skip
        stamp = database.lately()
        noted: Costliness = None
        if costly:
            always = self._key(b"", form, database.url)
            stamp = self.shared.costly.stamp(always, stamp)
            noted = always, stamp
        key = self._key(stamp, form, database.url + moment)
        try:
            return cast("Response[T]", await self._answer(key, work, noted))
        except UnknownWorkflowError:
            databases.forget(uuid)
            raise

    async def everywhere(
        self, question: Callable[[list[Database]], T], *, forms: Sequence[Form] = _ONLY_JSON,
        encoder: Encoder | None = None,
    ) -> Response[T]:  # fmt: skip
        """Ask all databases that are served; ``question`` keeps to what the visitor may see."""
        form = choose(self._named, self.request.headers.get("accept", ""), forms)
        databases, stamp = self._all() if self._few() else await self.shared.in_thread(self._all)
        key = self._key(stamp, form, self.visitor.only_user if self.visitor.only_user is not None else "\0all")
        work = Work(
            urls=tuple(d.url for d in databases), elsewhere={d.url: d.elsewhere for d in databases if d.elsewhere},
            asker=self.asker, question=question, form=form, encoder=encoder or _encode_json,
        )  # fmt: skip
        return cast("Response[T]", await self._answer(key, work))

    def _few(self) -> bool:
        return self.shared.databases.count <= _FEW

    def _all(self) -> tuple[list[Database], bytes]:
        databases = self.shared.databases.all()
        return databases, b"\0".join(d.url.encode("utf-8", "surrogateescape") + d.lately() for d in databases)

    def _key(self, stamp: bytes, form: Form, also: str) -> bytes:
        scope = self.request.scope
        parts = (stamp, scope["raw_path"], scope["query_string"], form.encode(), also.encode("utf-8", "replace"))
        return hashlib.blake2b(b"\0".join(b"%d:%b" % (len(p), p) for p in parts), digest_size=16).digest()

    async def _answer(self, key: bytes, work: Work, costly: Costliness = None) -> Response[bytes]:
        tag = f'W/"{key.hex()}"'
        headers = {"etag": tag, "cache-control": "private, no-cache", "vary": "Accept, Accept-Encoding, Authorization",
                   "x-content-type-options": "nosniff"}  # fmt: skip
        if tag in self.request.headers.get("if-none-match", ""):
            return Response(b"", status_code=304, headers=headers)
        answer = await self.shared.once(key, work, costly)
        body = answer.body
        if len(body) >= LEAST_BYTES:
            coding = coding_for(self.request.headers.get("accept-encoding", ""))
            if coding is not None:
                body = await self._packed(key, answer, coding)
                headers["content-encoding"] = coding
        return Response(body, media_type=answer.media_type, headers={**headers, **answer.headers})

    async def _packed(self, key: bytes, answer: Answer, coding: str) -> bytes:
        packed = answer.packed.get(coding)
        if packed is None:
            pack = codings()[coding]
            packed = await self.shared.in_thread(lambda: pack(answer.body))
            answer.packed[coding] = packed
            self.shared.kept.put(key, answer)
        return packed

    def now(self, uuid: str, question: Callable[[View], T]) -> T:
        """Ask about a workflow in this thread; the answer is not kept. Raises UnknownWorkflowError."""
        databases = self.shared.databases
        return asked(databases, databases.find(uuid, self.visitor).database, uuid, self.asker, question)


def _encode_json(value: Any, form: Form, headers: dict[str, str]) -> bytes:
    return json(value)
