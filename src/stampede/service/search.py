"""Where a text, or the first sign of trouble, stands in what a try printed: files of any size, without sending them."""

from __future__ import annotations

import functools
import os
from typing import Annotated, cast

from litestar import Response
from litestar.params import QueryParameter

from stampede.service.asking import Ask
from stampede.service.forms import json
from stampede.service.output import Source, Which, close, source_of
from stampede.service.parameters import Asked, Attempt, JobName, Uuid
from stampede.service.scanning import ERRORS, Hits, Read, hits, text_pattern

Text = Annotated[
    str | None,
    QueryParameter(min_length=1, max_length=200, description="upper or lower case; without it: signs of errors"),
]
From = Annotated[int, QueryParameter(gt=-1, le=1 << 53, description="byte to begin at: `next` of the answer before")]
Most = Annotated[int, QueryParameter(ge=1, le=1000, description="places at most")]


async def stdout_search(
    ask: Asked, uuid: Uuid, name: JobName, number: Attempt, text: Text = None, start: From = 0, most: Most = 200
) -> Response[Hits]:
    """Where a text stands in the standard output of a try; the answer says where to go on when it took too long."""
    return await _search(ask, uuid, name, number, "stdout", text, start, most)


async def stderr_search(
    ask: Asked, uuid: Uuid, name: JobName, number: Attempt, text: Text = None, start: From = 0, most: Most = 200
) -> Response[Hits]:
    """Where a text stands in the standard error of a try; the answer says where to go on when it took too long."""
    return await _search(ask, uuid, name, number, "stderr", text, start, most)


async def kickstart_search(
    ask: Asked, uuid: Uuid, name: JobName, number: Attempt, text: Text = None, start: From = 0, most: Most = 200
) -> Response[Hits]:
    """Where a text stands in the kickstart record of a try."""
    return await _search(ask, uuid, name, number, "kickstart", text, start, most)


async def _search(
    ask: Ask, uuid: str, name: str, number: int, which: Which, text: str | None, start: int, most: int
) -> Response[Hits]:  # fmt: skip
    def found() -> bytes:
        return json(found_in(source_of(ask, uuid, name, number, which), text, start, most))

    body = await ask.shared.in_thread(found)
    return cast("Response[Hits]", Response(body, media_type="application/json", headers={"cache-control": "no-store"}))


def found_in(source: Source, text: str | None, start: int, most: int) -> Hits:
    """Where a text (None: signs of errors) stands in a source, which is closed behind it."""
    pattern = ERRORS if text is None else text_pattern(text)
    try:
        return hits(reading(source), pattern, start=start, size=source.size, most=most)
    finally:
        close(source)


def reading(source: Source) -> Read:
    """What reads bytes of a source at an offset."""
    if source.handle is not None:
        return functools.partial(os.pread, source.handle)
    return lambda n, at: source.text[at : at + n]
