"""A few runs of :mod:`contract.bus.faults`; the script plays as many as one has time for."""

from __future__ import annotations

import pytest
from broker import Broker

from contract.bus.faults import play


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["amqp", "file", "unix"])
@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_is_killed_no_row_is_lost_or_doubled(kind: str, seed: int) -> None:
    broker = Broker() if kind == "amqp" else None
    try:
        outcome = play(seed, kind, broker)
    finally:
        if broker is not None:
            broker.close()
    assert outcome.complete
    assert (outcome.lost, outcome.doubled) == (0, 0), outcome
