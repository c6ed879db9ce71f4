"""Stampede follows scientific workflows, keeps what happened, and says what it means.

The flow, left to right (each name is a package below this one)::

    submit directory ─► sources ─► events ─► store ─► query ─► analysis ─► cli, api

``stampede.pipeline`` wires them in reading order; ``stampede.util.find_db`` finds the database of a submit directory.
From Python, everything is asked through :func:`stampede.open` (see :mod:`stampede.api`)::

    with stampede.open("runs/run0001") as session:
        print(session.workflow().triage())
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stampede.api.session import open_session as open  # noqa: A004

__version__ = "0.1.0.dev0"
__all__ = ["__version__", "open"]


def __getattr__(name: str) -> Any:
    """``open`` is there when it is asked for: to import the package costs nothing."""
    if name == "open":
        from importlib import import_module

        return import_module("stampede.api.session").open_session
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
