"""What DAGMan's logs say of a job, and its submit file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from service.conftest import FAILED_JOB
from stampede.service.nodefiles import naming, of_ids, pieces
from stampede.service.scanning import BLOCK, Read


def _read(data: bytes) -> Read:
    return lambda n, at: data[at : at + n]


@pytest.mark.parametrize("text", [
    b"Running POST script of Node a1...", b"Node a1 job completed", b"'dag_node_name' '=' 'a1'", b"Node Name: a1",
])  # fmt: skip
def test_lines_that_name_a_node_are_found(text: bytes) -> None:
    assert naming("a1").search(text)


@pytest.mark.parametrize("text", [b"Node a10 job completed", b"Node in+a1 failed", b"Node a1.b", b"plan a1 of it"])
def test_a_name_within_another_word_is_no_node(text: bytes) -> None:
    assert not naming("a1").search(text)


def test_events_are_found_by_their_ids_however_they_are_filled_up() -> None:
    pattern = of_ids(["83.0", "", "odd"])
    assert pattern.search(b"000 (083.000.000) 2026")
    assert not pattern.search(b"000 (183.000.000) 2026")
    assert not of_ids([]).search(b"000 (083.000.000) 2026")


def test_pages_of_lines_are_all_lines_and_no_line_twice() -> None:
    lines = [b"%06d Node %s job completed" % (n, b"wanted" if n % 1000 == 7 else b"other") for n in range(40_000)]
    data = b"\n".join(lines)
    assert len(data) > BLOCK
    found: list[str] = []
    start: int | None = 0
    while start is not None:
        page = pieces(_read(data), naming("wanted"), start=start, size=len(data), most=3, literal=b"wanted")
        found += [one.text for one in page.items]
        start = page.next
    assert found == [line.decode() for line in lines if b"wanted" in line]


def test_a_line_of_any_length_is_cut() -> None:
    data = b"Node wanted " + b"x" * 100_000 + b"\nNode wanted again\n"
    first, second = pieces(_read(data), naming("wanted"), start=0, size=len(data), most=9).items
    assert (first.cut, len(first.text) < 10_000) == (True, True)
    assert (second.text, second.cut) == ("Node wanted again", False)


def _log(client: TestClient[Litestar], workflow: str, **query: Any) -> dict[str, Any]:
    answer = client.get(f"{workflow}/jobs/{FAILED_JOB}/log", params=query)
    assert answer.status_code == 200
    return dict(answer.json())


def test_the_log_has_each_line_of_a_node_with_its_place(
    client: TestClient[Litestar], workflow: str, corpus: Path
) -> None:
    whole = (corpus / "pg_fail" / "failing-0.dag.dagman.out").read_bytes()
    found = _log(client, workflow)
    assert found["size"] == len(whole)
    assert found["next"] is None
    expected = [line.decode() for line in whole.split(b"\n") if FAILED_JOB.encode() in line]
    told = "\n".join(one["text"] for one in found["items"]).split("\n")
    assert [line for line in told if FAILED_JOB in line] == expected
    assert any("Error: Job failed due to" in line for line in told), "what DAGMan says of it in several lines"
    assert all(whole[one["offset"] :].startswith(one["text"].encode()) for one in found["items"])


def test_the_log_of_events_has_whole_events_of_all_tries(client: TestClient[Litestar], workflow: str) -> None:
    texts = [one["text"] for one in _log(client, workflow, file="events")["items"]]
    assert texts[0].startswith("000 (1068.000.000)")
    assert f"DAG Node: {FAILED_JOB}" in texts[0]
    assert any(text.startswith("012 (1096.000.000)") for text in texts)


def test_a_submit_file_is_given_by_range(client: TestClient[Litestar], workflow: str) -> None:
    answer = client.get(f"{workflow}/jobs/{FAILED_JOB}/submit_file", headers={"range": "bytes=0-3"})
    assert (answer.status_code, answer.text[:2]) == (206, "##")
    assert answer.headers["content-type"].startswith("text/plain")
    assert client.get(f"{workflow}/jobs/none/submit_file").status_code == 404
