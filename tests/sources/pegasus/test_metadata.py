"""``.meta`` of a job and ``.metadata`` of a workflow."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stampede.sources.pegasus.metadata import read_meta, read_metadata

META = (
    b'[{"_id": "listing.txt", "_type": "file", "_attributes": {"user": "wf", "size": "1779", '
    b'"ctime": "2023-03-03T22:24:20-08:00", "checksum.type": "sha256", "checksum.value": "891b", '
    b'"checksum.timing": "0.5", "n": 7}}, {"_id": "x", "_type": "task", "_attributes": {}}]'
)
METADATA = (
    b'{"root_workflow_uuid": "r", "workflow_uuid": "w", "wf_metadata": {"owner": "alice", "run": 17}, '
    b'"graph": {"jobs": {"a": {}, "b": {"stage": "prep"}}}}'
)


def test_meta() -> None:
    files, problems = read_meta(META)
    assert problems == []
    assert len(files) == 1
    found = files[0]
    assert found.lfn == "listing.txt"
    assert found.attributes == {
        "user": "wf", "size": "1779", "ctime": "2023-03-03T22:24:20-08:00", "checksum.type": "sha256",
        "checksum.value": "891b", "checksum.timing": "0.5", "n": "7",
    }  # fmt: skip
    assert read_meta(b"") == ([], [])
    assert read_meta(b"[1]")[1][0].kind == "meta"


def test_workflow_metadata() -> None:
    found, problems = read_metadata(METADATA)
    assert problems == []
    assert found == {"owner": "alice", "run": "17"}
    assert read_metadata(b"{")[1][0].kind == "metadata"


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=60), st.sampled_from([META, METADATA, b"[" * 5000]), st.integers(0, 300))
def test_any_bytes_are_read(noise: bytes, base: bytes, position: int) -> None:
    data = base[:position] + noise + base[position:]
    for reader in (read_meta, read_metadata):
        reader(data)


@pytest.mark.shared
def test_recorded_ones(shared: Path) -> None:
    corpus = shared / "corpus"
    for path in corpus.rglob("*.metadata"):
        assert read_metadata(path.read_bytes())[1] == []
    for path in corpus.rglob("*.meta"):
        if not path.name.endswith(".cache.meta"):
            assert read_meta(path.read_bytes())[1] == []
