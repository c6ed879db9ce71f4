"""How fast a workflow gets on."""

from __future__ import annotations

import time
from typing import Final

import msgspec
from litestar import Response

from stampede.query.throughput import Throughput
from stampede.query.throughput import throughput as ask_throughput
from stampede.service.parameters import Asked, Uuid
from stampede.service.view import View

#: a rate moves on with the clock so often at most, in seconds
_CLOCK_S: Final = 5.0


class ThroughputAnswer(msgspec.Struct, kw_only=True):
    """How fast a workflow gets on; None when it has not begun."""

    throughput: Throughput | None


async def throughput(ask: Asked, uuid: Uuid) -> Response[ThroughputAnswer]:
    """How many jobs of a workflow and all below it ended in each piece of its last hour, and at which rate."""
    moment = "" if ask.at is not None else str(int(time.time() / _CLOCK_S))
    return await ask.workflow(uuid, _throughput, moment=moment, costly=True)


def _throughput(view: View) -> ThroughputAnswer:
    now = time.time() if view.at is None else view.at
    return ThroughputAnswer(throughput=ask_throughput(view.reader, view.workflows, now))
