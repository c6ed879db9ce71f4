"""How something ended: with a code, by a signal, or unknown. Never a bare integer.

The Stampede schema stores the *raw wait status* of POSIX ``wait(2)``: ``code << 8`` for an exit, the signal number in
the low seven bits otherwise (bit 7: core dump). Since Pegasus 4.0 that holds for ``job_instance.exitcode`` and
``invocation.exitcode``; earlier ones stored the regular code.
"""

from __future__ import annotations

import signal
from typing import Literal

import msgspec

ExitKind = Literal["exited", "signalled", "unknown"]


def signal_name(number: int) -> str:
    """``SIGKILL`` for 9; ``signal 77`` for a number this system does not name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


class Exit(msgspec.Struct, frozen=True):
    """How a process ended.

    ``code`` is set for ``exited`` (0..255, or the negative value a wrapper reported), ``signal`` for ``signalled``.
    """

    kind: ExitKind
    code: int | None = None
    signal: int | None = None

    @property
    def ok(self) -> bool:
        return self.kind == "exited" and self.code == 0

    @property
    def raw(self) -> int:
        """The raw wait status; an unknown failure becomes that of exit code 1, since readers take 0 for success."""
        if self.kind == "exited" and self.code is not None:
            return self.code << 8 if self.code >= 0 else self.code
        if self.kind == "signalled" and self.signal is not None:
            return self.signal
        return 256

    def __str__(self) -> str:
        if self.kind == "exited":
            return f"exit code {self.code}"
        if self.kind == "signalled" and self.signal is not None:
            return f"signal {self.signal} ({signal_name(self.signal)})"
        return "unknown"


def exited(code: int) -> Exit:
    return Exit("exited", code=code)


def signalled(number: int) -> Exit:
    return Exit("signalled", signal=number)


UNKNOWN = Exit("unknown")


def from_raw(raw: int | None) -> Exit:
    """The exit that a raw wait status tells: 256 is exit code 1, 9 is SIGKILL, a negative number stays as it is."""
    if raw is None:
        return UNKNOWN
    if raw < 0:
        return exited(raw)
    if raw & 0x7F:
        return signalled(raw & 0x7F)
    return exited(raw >> 8)
