"""Content codings of answers: which one an asker takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from stampede.coding import packers

#: smaller answers are sent as they are
LEAST_BYTES: Final = 1400


def codings() -> dict[str, Callable[[bytes], bytes]]:
    """What there is, the best first."""
    return packers()


def coding_for(accepted: str) -> str | None:
    """The coding that the header Accept-Encoding allows; None for none."""
    if not accepted:
        return None
    allowed = {}
    for part in accepted.split(","):
        name, _, quality = part.partition(";")
        allowed[name.strip().lower()] = quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return next((name for name in codings() if allowed.get(name, allowed.get("*", False))), None)
