"""Messages that nobody can use, and such as have records that cannot be read."""

from __future__ import annotations

import gzip
import uuid
from typing import TYPE_CHECKING, Any

import msgspec
import pika

from bench.faults import meddler

if TYPE_CHECKING:
    from bench.faults.play import Play


class Done(msgspec.Struct):
    """What was published: ``dead`` ought to be put aside, ``unreadable`` ought to become problems."""

    dead: int = 0
    unreadable: int = 0


def published(play: Play) -> Done | None:
    """Publish one message; None while the exchange is not there, or the broker is away."""
    kind = play.random.choice(("garbage", "packed wrongly", "unknown packing", "headers", "count", "schema"))
    root = str(uuid.UUID(int=play.random.getrandbits(128)))
    headers: dict[str, Any] = {"stampede-source": f"poison~{root[:8]}", "stampede-root": root, "stampede-first": 1,
                               "stampede-count": 1}  # fmt: skip
    coding: str | None = None
    body = b'{"event":"stampede.xwf.start","ts":1790000000.0,"xwf_id":"%s","restart_count":0}\n' % root.encode()
    match kind:
        case "garbage":
            coding, body = "zstd", play.random.randbytes(200)
        case "packed wrongly":
            coding, body = "gzip", gzip.compress(body)[:-9] + b"\0" * 9
        case "unknown packing":
            coding = "lzma"
        case "headers":
            headers["stampede-first"] = "one"
        case "count":
            headers["stampede-count"] = 7
        case "schema":
            body = b'{"event":"stampede.nosuch.event","ts":"yesterday","xwf_id":17}\n'
    about = pika.BasicProperties(content_type="application/x-ndjson", content_encoding=coding, delivery_mode=2,
                                 headers=headers)  # fmt: skip
    try:
        connection = meddler.connected(play.lab.broker.address, play.lab.broker.port)
        try:
            channel = connection.channel()
            channel.confirm_delivery()
            channel.basic_publish(play.exchange, f"stampede.batch.{root}", body, about, mandatory=True)
        finally:
            if connection.is_open:
                connection.close()
    except (pika.exceptions.AMQPError, OSError):
        return None
    return Done(unreadable=1) if kind == "schema" else Done(dead=1)
