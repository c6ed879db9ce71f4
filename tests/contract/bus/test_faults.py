"""A run of :mod:`contract.bus.faults` on each bus; the script plays as many as one has time for."""

from __future__ import annotations

import pytest
from broker import Broker, scripts

from contract.bus.faults import play


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["amqp", "file", "unix"])
def test_whatever_is_killed_no_row_is_lost_or_doubled(kind: str) -> None:
    if kind == "amqp" and scripts() is None:
        pytest.skip("RabbitMQ is not installed here")
    broker = Broker() if kind == "amqp" else None
    try:
        outcome = play(1, kind, broker)
    finally:
        if broker is not None:
            broker.close()
    assert outcome.complete
    assert (outcome.lost, outcome.doubled) == (0, 0), outcome
