"""Whatever happens while ``stampede watch`` runs, the database is that of an undisturbed load of the same directory."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from . import catalogue
from .lab import Outcome

FAULTS = catalogue.collect()


def _parameter(fault: catalogue.Fault) -> object:
    marks = [pytest.mark.xfail(reason=fault.hard, strict=False)] if fault.hard else []
    return pytest.param(fault.key, marks=marks)


@pytest.mark.parametrize("key", [_parameter(fault) for fault in FAULTS.values()])
def test_no_row_is_lost_or_doubled(key: str, played: dict[str, Future[Outcome]]) -> None:
    """Table by table, row by row."""
    outcome = played[key].result()
    assert outcome.tries
    for found in outcome.differences:
        assert found.rows
        assert found.none, f"seed {FAULTS[key].seed}, {outcome.tries} tries. {outcome.notes}\n{found.shown}"
