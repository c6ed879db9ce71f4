"""The YANG module, the catalogue, the generated validators and the reference say the same."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from yangson import DataModel
from yangson.enumerations import ContentType
from yangson.exceptions import YangsonException

from stampede.events import EVENTS, YANG_MODULE, read
from stampede.events._validators import KNOWN, VALIDATORS
from stampede.events.records import to_record

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import generate_event_docs  # noqa: E402
import generate_validators  # noqa: E402

LIBRARY = {
    "ietf-yang-library:modules-state": {
        "module-set-id": "1",
        "module": [
            {
                "name": "stampede-schema",
                "revision": "2026-11-21",
                "namespace": "http://stampede-project.nsf.gov",
                "conformance-type": "implement",
            }
        ],
    }
}


@pytest.fixture(scope="module")
def module() -> list[generate_validators.Container]:
    return generate_validators.read_module()


@pytest.fixture(scope="module")
def model() -> DataModel:
    return DataModel(json.dumps(LIBRARY), (str(YANG_MODULE.parent),))


def test_pyang_strict_has_nothing_to_say() -> None:
    done = subprocess.run(
        [sys.executable, str(Path(sys.executable).with_name("pyang")), "--strict", str(YANG_MODULE)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_module_and_catalogue_name_the_same_events_and_attributes(module: Any) -> None:
    described = {event.name: {leaf.wire for leaf in event.leaves} for event in module}
    assert described == {name: set(cls.WIRE.values()) for name, cls in EVENTS.items()}
    assert described == {name: set(known) for name, known in KNOWN.items()}
    assert set(VALIDATORS) == set(EVENTS)


def test_what_a_struct_requires_the_module_demands(module: Any) -> None:
    for event in module:
        leaves = {leaf.wire: leaf for leaf in event.leaves}
        cls = EVENTS[event.name]
        for field in msgspec.structs.fields(cls):
            if field.required:
                leaf = leaves[cls.WIRE[field.name]]
                assert leaf.mandatory, (event.name, leaf.wire)
                assert leaf.identity or leaf.fallback, (event.name, leaf.wire)


def test_every_leaf_and_event_has_a_description(module: Any) -> None:
    assert all(event.description for event in module)
    assert all(leaf.description.endswith(".") for event in module for leaf in event.leaves)


def test_the_published_modules_events_and_attributes_are_all_there(shared: Path) -> None:
    from pyang import context, repository

    path = shared / "corpus/third-party/yang/stampede-schema.yang"
    ctx = context.Context(repository.FileRepository(str(path.parent)))
    published = ctx.add_module("published", path.read_text())
    ctx.validate()
    for case in published.i_children[0].i_children[0].i_children[0].i_children:
        container = case.i_children[0] if case.keyword == "case" else case
        assert {leaf.arg for leaf in container.i_children} <= set(KNOWN[container.arg]), container.arg


def test_the_generated_validators_are_up_to_date() -> None:
    assert generate_validators.main(["--check"]) == 0, "run tools/generate_validators.py"


def test_the_reference_is_up_to_date() -> None:
    assert generate_event_docs.main(["--check"]) == 0, "run tools/generate_event_docs.py"


def instance(name: str, record: dict[str, Any], leaves: dict[str, Any]) -> dict[str, Any]:
    """The record as RFC 7951 has it: 64-bit and decimal numbers as text."""
    members: dict[str, Any] = {}
    for key, value in record.items():
        if key in leaves:
            base = leaves[key].base
            members[key] = f"{value:.6f}" if base == "decimal64" else value
            if base in ("int64", "uint64") or "timestamp" in leaves[key].types:
                members[key] = str(value)
    return {"stampede-schema:events": {"event": [{name: members}]}}


def accepts(model: DataModel, document: dict[str, Any]) -> bool:
    try:
        model.from_raw(document).validate(ctype=ContentType.all)
    except YangsonException:
        return False
    return True


def test_yangson_accepts_what_the_validators_make_of_the_seeds_samples(model: DataModel, module: Any) -> None:
    leaves = {event.name: {leaf.wire: leaf for leaf in event.leaves} for event in module}
    seen = 0
    with (Path(__file__).parent / "data/seed_samples.bp").open("rb") as stream:
        for events, _ in read(stream):
            for event in events:
                record = to_record(event)
                if event.NAME == "stampede.job_inst.main.end":
                    record["exitcode"] = 0
                assert accepts(model, instance(event.NAME, record, leaves[event.NAME])), event
                seen += 1
    assert seen == 19


GOOD = {"xwf.id": "w-123", "job.id": "job-1", "job_inst.id": 1, "ts": "2026-11-21T21:12:00.000000Z"}


@pytest.mark.parametrize(
    "name, change",
    [
        ("stampede.job_inst.submit.end", {"status": 0}),
        ("stampede.job_inst.submit.end", {"status": 2**31}),
        ("stampede.job_inst.submit.end", {"status": "many"}),
        ("stampede.job_inst.submit.end", {}),
        ("stampede.job_inst.submit.end", {"status": 0, "job_inst.id": None}),
        ("stampede.job_inst.submit.end", {"status": 0, "level": "Loud"}),
        ("stampede.job_inst.submit.end", {"status": 0, "ts": "yesterday"}),
        ("stampede.job_inst.submit.end", {"status": 0, "ts": "1795295520.25"}),
        ("stampede.job_inst.host.info", {"hostname": "node7", "ip": "192.0.2.7"}),
        ("stampede.job_inst.host.info", {"hostname": "node7", "ip": "fe80::1%eth0"}),
        ("stampede.job_inst.host.info", {"hostname": "node7", "ip": "unknown"}),
        ("stampede.job_inst.host.info", {"hostname": "", "ip": "192.0.2.7"}),
        ("stampede.job_inst.host.info", {"ip": "192.0.2.7"}),
        ("stampede.job.info", {"type": 11, "type_desc": "dag", "clustered": 1}),
        ("stampede.job.info", {"type": 12, "type_desc": "dag", "clustered": 1}),
        ("stampede.job.info", {"type": 11, "type_desc": "odd", "clustered": 1}),
        ("stampede.job.info", {"type": 11, "type_desc": "dag", "clustered": 2}),
        ("stampede.job.info", {"max_retries": -1}),
    ],
)
def test_yangson_and_the_validators_agree(model: DataModel, module: Any, name: str, change: dict[str, Any]) -> None:
    record = {key: value for key, value in {**GOOD, **change}.items() if value is not None}
    leaves = {leaf.wire: leaf for event in module if event.name == name for leaf in event.leaves}
    record = {key: value for key, value in record.items() if key in leaves}
    line = " ".join(f'{key}="{value}"' for key, value in record.items())
    reader = read(io.BytesIO(f"event={name} {line}\n".encode()))
    assert [len(events) for events, _ in reader] == [1]
    ours = reader.faults.count() == 0
    assert accepts(model, instance(name, record, leaves)) == ours
