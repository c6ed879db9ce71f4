"""The table that joins the handlers."""

from __future__ import annotations

from stampede.events import catalogue as ev
from stampede.store import handlers
from stampede.store.handlers import HANDLERS


def test_every_event_of_the_catalogue_has_a_handler() -> None:
    assert set(ev.EVENTS.values()) == set(HANDLERS)


def test_no_event_has_handlers_in_two_modules() -> None:
    modules = [m for m in vars(handlers).values() if hasattr(m, "HANDLERS")]
    assert sum(len(m.HANDLERS) for m in modules) == len(HANDLERS)
