"""Write docs/reference/openapi.json from the handlers and structs of the service; with --check say whether it is so."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from stampede.service.app import make_app
from stampede.service.openapi import document
from stampede.service.settings import Settings

TARGET = Path(__file__).resolve().parent.parent / "docs" / "reference" / "openapi.json"


def main() -> int:
    """Command line; see the module."""
    text = msgspec.json.format(msgspec.json.encode(document(make_app(Settings()))), indent=1) + b"\n"
    if "--check" in sys.argv[1:]:
        if not TARGET.exists() or TARGET.read_bytes() != text:
            print(f"{TARGET} is not what the service says: run python tools/generate_openapi.py", file=sys.stderr)
            return 1
        return 0
    TARGET.write_bytes(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
