"""Clients that ask without a pause, each over one connection that stays open: a process of its own.

    python -m bench.api.clients PORT CLIENTS SECONDS < PATHS    latencies in milliseconds as one JSON line

``PATHS`` has one path a line; clients take one after the other, from the beginning again when they are through. Bodies
are read to their end. An answer other than 200 ends it.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from itertools import cycle


async def _client(port: int, paths: cycle[bytes], until: float, told: list[tuple[float, int]]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 24)
    try:
        while time.perf_counter() < until:
            began = time.perf_counter()
            writer.write(b"GET " + next(paths) + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            status = head[9:12]
            length = _length(head)
            if length is None:
                body = await reader.read()
            else:
                body = await reader.readexactly(length)
            if status != b"200":
                raise SystemExit(f"{status.decode()}: {body[:300].decode(errors='replace')}")
            told.append((time.perf_counter() - began, len(body)))
            if length is None or b"connection: close" in head.lower():
                writer.close()
                reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 24)
    finally:
        writer.close()


def _length(head: bytes) -> int | None:
    for line in head.split(b"\r\n"):
        if line[:15].lower() == b"content-length:":
            return int(line[15:])
    return None


async def measure(port: int, paths: list[bytes], clients: int, seconds: float) -> dict[str, float]:
    """Ask for so many seconds; percentiles of the latencies, answers a second, bytes of the largest."""
    told: list[tuple[float, int]] = []
    began = time.perf_counter()
    turn = cycle(paths)
    await asyncio.gather(*(_client(port, turn, began + seconds, told) for _ in range(clients)))
    took = time.perf_counter() - began
    own = resource.getrusage(resource.RUSAGE_SELF)
    ordered = sorted(t for t, _ in told)
    found = {f"p{p}": ordered[min(len(ordered) - 1, len(ordered) * p // 100)] * 1000 for p in (50, 95, 99)}
    return {name: round(ms, 2) for name, ms in found.items()} | {
        "n": len(told), "per_s": round(len(told) / took), "bytes": max(size for _, size in told),
        "client_cpu_ms": round((own.ru_utime + own.ru_stime) * 1000 / len(told), 2),
    }  # fmt: skip


if __name__ == "__main__":
    lines = [line.strip().encode() for line in sys.stdin if line.strip()]
    print(json.dumps(asyncio.run(measure(int(sys.argv[1]), lines, int(sys.argv[2]), float(sys.argv[3])))))
