"""The service on a port: ``python -m bench.sse.serving URL PORT``."""

from __future__ import annotations

import sys

import uvicorn

from stampede.service.app import make_app
from stampede.service.settings import Settings

if __name__ == "__main__":
    settings = Settings(databases=(sys.argv[1],), port=int(sys.argv[2]))
    uvicorn.run(make_app(settings), port=settings.port, log_level="error", access_log=False, backlog=2048,
                timeout_graceful_shutdown=1)  # fmt: skip
