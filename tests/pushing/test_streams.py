"""How records are numbered by root workflow, also across restarts, and what goes to a bus."""

from __future__ import annotations

from pathlib import Path

import pytest
from sent import run

from stampede.bus import BusError, Message, open_bus
from stampede.bus.memory import MemoryBus
from stampede.emit.spool import Spool
from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.pushing import Push
from stampede.pushing.carrier import BusTarget, Carrier
from stampede.pushing.streams import Streams, key_of, taken_apart


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAMPEDE_STATE", str(tmp_path / "state"))


def _numbered(streams: Streams, *events: Event) -> list[tuple[str, int]]:
    found = streams.numbered(list(events), [b"x"] * len(events))
    streams.keep(found.streams, found.roots)
    return [taken_apart(record)[:2] for record in found.records]


def test_events_of_sub_workflows_are_numbered_with_their_root() -> None:
    streams = Streams()
    assert _numbered(
        streams,
        ev.WfPlan(xwf_id="top", root_xwf_id="top"),
        ev.WfPlan(xwf_id="sub", root_xwf_id="top", parent_xwf_id="top"),
        ev.XwfStart(xwf_id="sub", restart_count=0),
        ev.XwfMapSubwfJob(xwf_id="sub", subwf_id="deep", job_id="j", job_inst_id=1),
        ev.XwfStart(xwf_id="deep", restart_count=0),
        ev.Problem(kind="k", message="m"),
        ev.WfPlan(xwf_id="other"),
    ) == [("top", 1), ("top", 2), ("top", 3), ("top", 4), ("top", 5), ("top", 6), ("other", 1)]


def test_nothing_is_numbered_until_it_is_kept() -> None:
    streams = Streams()
    streams.numbered([ev.WfPlan(xwf_id="a")], [b"x"])
    assert _numbered(streams, ev.WfPlan(xwf_id="a")) == [("a", 1)]
    assert _numbered(streams, ev.XwfStart(xwf_id="a", restart_count=0)) == [("a", 2)]


@pytest.mark.parametrize("uuid", ["a b", "ä", "x" * 65, "a.b", "", "\ud800"])
def test_what_is_no_uuid_gets_a_key_that_can_stand_in_a_topic(uuid: str) -> None:
    assert key_of(uuid) == key_of(uuid)
    assert key_of(uuid).isalnum()
    assert len(key_of(uuid)) == 32


def _all(bus: MemoryBus) -> list[Message]:
    consumer = bus.consumer()
    found: list[Message] = []
    while some := consumer.receive(0.0):
        found += [d.message for d in some]
        consumer.done(some)
    consumer.close()
    return found


def test_numbers_go_on_after_a_restart(tmp_path: Path) -> None:
    bus = MemoryBus()
    file = tmp_path / "run.jsonl"
    records = run(30)
    for end in (40, 90, len(records)):
        file.write_bytes(b"\n".join(records[:end]) + b"\n")
        with Push([file], BusTarget(url="memory://", bus=bus)) as push:
            push.once()
    sent = _all(bus)
    assert [(m.first, m.count) for m in sent] == [(1, 40), (41, 50), (91, len(records) - 90)]
    assert len({m.source for m in sent}) == 1


def test_a_sign_of_life_has_the_number_that_comes_next(tmp_path: Path) -> None:
    bus = MemoryBus()
    spool = Spool(tmp_path / "spool", "s")
    spool.append([b"r %d {}" % n for n in (1, 2, 3)])
    carrier = Carrier(bus, spool)
    carrier.idle()  # nothing was published yet: nothing is told
    carrier.send(spool.label.source, 1, spool.read(0, 10, 1000))
    carrier.idle()
    batch, beat = _all(bus)
    assert (batch.first, batch.count, beat.is_beat, beat.first, beat.count) == (1, 3, True, 4, 0)
    carrier.close()
    spool.close()


def test_what_was_confirmed_is_not_published_again(tmp_path: Path) -> None:
    bus = MemoryBus()
    spool = Spool(tmp_path / "spool", "s")
    spool.append([b"r %d {}" % n for n in (1, 2, 3)])
    carrier = Carrier(bus, spool)
    assert carrier.stored("s").stored == 0
    carrier.send(spool.label.source, 1, spool.read(0, 2, 1000))
    carrier.close()
    assert Carrier(bus, spool).stored("s").stored == 2
    spool.close()


def test_a_bus_that_is_away_is_an_answer_not_an_error(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", "s")
    spool.append([b"r 1 {}"])
    carrier = Carrier(open_bus(f"unix://{tmp_path / 'nobody'}"), spool)
    answer = carrier.send(spool.label.source, 1, spool.read(0, 10, 1000))
    assert answer.stored is None
    assert "cannot be reached" in (answer.trouble or "")
    carrier.idle()
    with pytest.raises(BusError):
        open_bus(f"unix://{tmp_path / 'nobody'}").publisher()
    spool.close()


def test_what_a_defect_of_a_driver_raises_does_not_end_the_sending(tmp_path: Path) -> None:
    class Broken(MemoryBus):
        """Raises what no bus should."""

        def publisher(self) -> None:  # type: ignore[override]
            raise RuntimeError("a defect")

    spool = Spool(tmp_path / "spool", "s")
    spool.append([b"r 1 {}"])
    answer = Carrier(Broken(), spool).send("s", 1, spool.read(0, 10, 1000))
    assert (answer.stored, "a defect" in (answer.trouble or "")) == (None, True)
    spool.close()
