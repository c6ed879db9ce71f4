"""``.meta``, ``B.cache.meta``, ``B.metadata`` and ``B.exitcode.log``."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stampede.sources.pegasus.metadata import read_cache_meta, read_exitcode_log, read_meta, read_metadata

META = (
    b'[{"_id": "listing.txt", "_type": "file", "_attributes": {"user": "wf", "size": "1779", '
    b'"ctime": "2023-03-03T22:24:20-08:00", "checksum.type": "sha256", "checksum.value": "891b", '
    b'"checksum.timing": "0.5", "n": 7}}, {"_id": "x", "_type": "task", "_attributes": {}}]'
)
CACHE = (
    b'listing.txt @@PFN@@ user="wf" size="1779" ctime="2023-03-03T22:24:20-08:00" checksum.type="sha256" '
    b'checksum.value="891b" checksum.timing="0.5"\nf b @@PFN@@ size="2"\nnonsense\n'
)
LOG = (
    b'{"name": ".//00/00/a.out", "timestamp": "2026-11-21T22:59:16.437978", "exitcode": 1, "app_exitcode": 42, '
    b'"retry": 2, "job_retry": 0, "std_out": "o", "std_err": ""}\nbroken {\n\n{"name": "b", "new": [1]}\n'
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
    assert (found.lfn, found.size_bytes, found.checksum_type, found.checksum, found.checksum_timing) == (
        "listing.txt", 1779, "sha256", "891b", 0.5,
    )  # fmt: skip
    assert found.attributes["n"] == "7"
    assert read_meta(b"") == ([], [])
    assert read_meta(b"[1]")[1][0].kind == "meta"


def test_cache_meta() -> None:
    files, problems = read_cache_meta(CACHE)
    assert [(found.lfn, found.size_bytes) for found in files] == [("listing.txt", 1779), ("f b", 2)]
    assert files[0].checksum == "891b"
    assert [(problem.kind, problem.offset) for problem in problems] == [("cache-meta", CACHE.index(b"nonsense"))]


def test_exitcode_log() -> None:
    entries, problems = read_exitcode_log(LOG)
    first, second = entries
    assert (first.name, first.exitcode, first.app_exitcode, first.retry, first.std_out) == (
        ".//00/00/a.out",
        1,
        42,
        2,
        "o",
    )
    assert first.at(-3600) == 1795305556.437978
    assert (second.name, second.exitcode, second.at()) == ("b", None, None)
    assert [(problem.kind, problem.offset) for problem in problems] == [("exitcode-log", LOG.index(b"broken"))]


def test_workflow_metadata() -> None:
    found, problems = read_metadata(METADATA)
    assert problems == []
    assert found is not None
    assert found.workflow == {"owner": "alice", "run": "17"}
    assert found.jobs == {"b": {"stage": "prep"}}
    assert (found.wf_uuid, found.root_wf_uuid) == ("w", "r")
    assert read_metadata(b"{")[1][0].kind == "metadata"


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=60), st.sampled_from([META, CACHE, LOG, METADATA, b"[" * 5000]), st.integers(0, 300))
def test_any_bytes_are_read(noise: bytes, base: bytes, position: int) -> None:
    data = base[:position] + noise + base[position:]
    for reader in (read_meta, read_cache_meta, read_exitcode_log, read_metadata):
        reader(data)


@pytest.mark.shared
def test_recorded_ones(shared: Path) -> None:
    corpus = shared / "corpus"
    for path in corpus.rglob("*.exitcode.log"):
        assert read_exitcode_log(path.read_bytes())[1] == []
    for path in corpus.rglob("*.metadata"):
        assert read_metadata(path.read_bytes())[1] == []
    for path in corpus.rglob("*.meta"):
        reader = read_cache_meta if path.name.endswith(".cache.meta") else read_meta
        assert reader(path.read_bytes())[1] == []
