"""Listeners: ``python -m bench.sse.clients PORT NUMBER SECONDS``; prints figures as JSON.

All count the events with ids that they hear. One in fifty measures: it reads the times in the data. One in five leaves
and comes back again and again with the last id it heard, and notes every id, so that one lost or doubled is seen.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from datetime import datetime

#: all was delivered when nothing came for so long, in seconds
_QUIET_S = 3.0
_ID = re.compile(rb"^id: (\S+)\ndata: (.*)$", re.M)
_TS = re.compile(rb'"ts":"([^"]+)"')


class Client:
    """One listener."""

    def __init__(self, port: int, number: int) -> None:
        self._port = port
        self._number = number
        self.measures = number % 50 == 0
        self.wanders = number % 5 == 1
        self.heard = 0
        self.ids: list[bytes] = []
        self.latencies: list[float] = []
        self.comebacks = 0
        self.resyncs = 0
        self._last = b""
        self.ready = asyncio.Event()

    async def run(self, until: float) -> None:
        """Listen, and come back after each connection that ended; wander until then."""
        while True:
            wanders = self.wanders and time.monotonic() < until
            try:
                async with asyncio.timeout(1.0 + self._number % 7 / 3 if wanders else None):
                    await self._listen()
            except (TimeoutError, OSError, asyncio.IncompleteReadError):
                pass
            self.comebacks += 1
            await asyncio.sleep(0.2)

    async def _listen(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 22)
        try:
            last = b"Last-Event-ID: %s\r\n" % self._last if self._last else b""
            writer.write(b"GET /api/v1/stream?types=state HTTP/1.1\r\nHost: localhost\r\n" + last + b"\r\n")
            await reader.readuntil(b"\r\n\r\n")
            self.ready.set()
            rest = b""
            while True:
                size = int(await reader.readuntil(b"\r\n"), 16)
                chunk = await reader.readexactly(size + 2)
                rest = self._take(rest + chunk[:-2])
        finally:
            writer.close()

    def _take(self, text: bytes) -> bytes:
        """Whole events; what is left."""
        end = text.rfind(b"\n\n") + 2
        if end < 2:
            return text
        whole = text[:end]
        if self.measures or self.wanders:
            self._read(whole)
        self.heard += whole.count(b"\ndata: ") - whole.count(b"event: resync")
        self.resyncs += whole.count(b"event: resync")
        at = whole.rfind(b"id: ")
        if at >= 0:
            self._last = whole[at + 4 : whole.index(b"\n", at)]
        return text[end:]

    def _read(self, text: bytes) -> None:
        now = time.time()
        for name, data in _ID.findall(text):
            self.ids.append(name)
            if self.measures:
                ts = _TS.search(data)
                if ts is not None:
                    self.latencies.append(now - datetime.fromisoformat(ts[1].decode()).timestamp())


async def _main(port: int, number: int, seconds: float) -> None:
    clients = [Client(port, n) for n in range(number)]
    until = time.monotonic() + seconds
    tasks = []
    for client in clients:
        tasks.append(asyncio.create_task(client.run(until)))
        if len(tasks) % 25 == 0:
            await asyncio.sleep(0.05)
    await asyncio.gather(*(client.ready.wait() for client in clients))
    print("ready", flush=True)
    await asyncio.sleep(max(until - time.monotonic(), 0.0))
    before = -1
    while (heard := sum(client.heard for client in clients)) != before:
        before = heard
        await asyncio.sleep(_QUIET_S)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    seen = sorted(latency for client in clients for latency in client.latencies)
    noted = [client for client in clients if client.ids]
    print(json.dumps({
        "heard": [client.heard for client in clients],
        "distinct": [len(set(client.ids)) for client in noted],
        "noted": [len(client.ids) for client in noted],
        "comebacks": sum(client.comebacks for client in clients),
        "resyncs": sum(client.resyncs for client in clients),
        "p50_s": seen[len(seen) // 2] if seen else None,
        "p95_s": seen[int(len(seen) * 0.95)] if seen else None,
        "p99_s": seen[int(len(seen) * 0.99)] if seen else None,
        "cpu_s": time.process_time(),
    }))  # fmt: skip


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
