"""A laboratory that plays the runs it is told of: a seed a line on its input, an outcome a line on its output."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import msgspec

from bench.faults.laboratory import Laboratory
from bench.faults.play import Play


def main() -> None:
    """``python -m bench.faults.worker NUMBER KEPT ONLY``."""
    number, kept, only = sys.argv[1:]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    lab = Laboratory(int(number), Path(kept))
    try:
        for line in sys.stdin:
            outcome = Play(lab, int(line), only or None).run()
            sys.stdout.buffer.write(msgspec.json.encode(outcome) + b"\n")
            sys.stdout.buffer.flush()
    finally:
        lab.close()


if __name__ == "__main__":
    main()
