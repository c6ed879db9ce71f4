"""The ``.err`` file of a PegasusLite job: how the wrapped job ended, and where it ran.

Asked only when no kickstart record says it. Source of the forms: reference of job outputs (PegasusLite of 5.0 and 5.1)
and recorded runs.
"""

from __future__ import annotations

import re

_EXITCODE = re.compile(rb"PegasusLite: exitcode[ \t]+(-?\d{1,9})[ \t\r]*(?:\n|\Z)")
_MARK = b"PegasusLite: exitcode"
_HOST = re.compile(rb"Executing on host[ \t]+(\S{1,255})")


def lite_exitcode(data: bytes) -> int | None:
    """The exit code of the wrapped job as the shell saw it (128 + n for signal n), the last if there are several."""
    end = len(data)
    while (place := data.rfind(_MARK, 0, end)) != -1:
        found = _EXITCODE.match(data, place)
        if found is not None and (place == 0 or data[place - 1 : place] == b"\n"):
            return int(found[1])
        end = place
    return None


def lite_host(data: bytes) -> str | None:
    """The machine or container that it says it ran on, the first one if there are several."""
    found = _HOST.search(data)
    return found[1].decode("utf-8", "replace") if found is not None else None
