"""The machine behind the name of a slot or of a host."""

from __future__ import annotations

from typing import overload


@overload
def machine_of(name: str) -> str: ...
@overload
def machine_of(name: None) -> None: ...
@overload
def machine_of(name: str | None) -> str | None: ...
def machine_of(name: str | None) -> str | None:
    """The machine of an HTCondor slot (``slot1_2@node7``), or the name itself."""
    return None if name is None else name.rsplit("@", 1)[-1]


def machine(slot: str | None, hostname: str | None) -> str | None:
    """The machine of a slot, else the host that the program's record names."""
    if slot:
        return machine_of(slot)
    return hostname if hostname != "unknown" else None
