"""What jobs printed, byte by byte, from a real server."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from service.conftest import FAILED_JOB, PEGASUS, Server, free_port
from stampede.pipeline import load
from stampede.places import url_of

_XSS = b"<script>alert(document.cookie)</script>\xff\xfe\n<!doctype html><svg onload=alert(1)>\n"
_BIG = 60 << 20


@pytest.fixture(scope="module")
def run(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the Pegasus run whose job wrote a large file to standard error, and hostile text to its output."""
    folder = tmp_path_factory.mktemp("runs") / "pg_fail"
    shutil.copytree(corpus / "pg_fail", folder)
    (found,) = folder.rglob(f"{FAILED_JOB}.err.000")
    with found.open("wb") as file:
        for number in range(_BIG >> 10):
            file.write(f"{number:08d}".encode().ljust(1023, b".") + b"\n")
    (found,) = folder.rglob(f"{FAILED_JOB}.out.001")
    found.write_bytes(_XSS)
    return folder


@pytest.fixture(scope="module")
def own(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    url = url_of(tmp_path_factory.mktemp("db") / "run.sqlite")
    load([run], url)
    found = Server([url], free_port())
    try:
        found.wait()
        yield found
    finally:
        found.stop()


@pytest.fixture
def tries(own: Server) -> str:
    return f"{own.url}/api/v1/workflows/{PEGASUS}/jobs/{FAILED_JOB}/attempts"


def _line(number: int) -> bytes:
    return f"{number:08d}".encode().ljust(1023, b".") + b"\n"


def test_a_range_of_a_large_file_is_exactly_those_bytes(tries: str) -> None:
    answer = httpx.get(f"{tries}/1/stderr", headers={"range": f"bytes={1024 * 7}-{1024 * 9 - 1}"})
    assert answer.status_code == 206
    assert answer.content == _line(7) + _line(8)
    assert answer.headers["content-range"] == f"bytes 7168-9215/{_BIG}"
    last = httpx.get(f"{tries}/1/stderr", headers={"range": "bytes=-1024"})
    assert last.content == _line((_BIG >> 10) - 1)
    behind = httpx.get(f"{tries}/1/stderr", headers={"range": f"bytes={_BIG}-"})
    assert (behind.status_code, behind.headers["content-range"]) == (416, f"bytes */{_BIG}")
    assert behind.json()["type"] == "/problems/range"


def test_the_end_is_given_without_the_rest(tries: str) -> None:
    assert httpx.get(f"{tries}/1/stderr?tail=2k").content == _line((_BIG >> 10) - 2) + _line((_BIG >> 10) - 1)
    assert httpx.get(f"{tries}/1/stderr?tail=-5").status_code == 400


def test_a_range_holds_only_for_the_file_that_it_was_begun_with(tries: str) -> None:
    tag = httpx.get(f"{tries}/1/stderr?tail=1").headers["etag"]
    same = httpx.get(f"{tries}/1/stderr", headers={"range": "bytes=0-9", "if-range": tag})
    assert same.status_code == 206
    with httpx.stream("GET", f"{tries}/1/stderr", headers={"range": "bytes=0-9", "if-range": '"other"'}) as other:
        assert (other.status_code, other.headers["content-length"]) == (200, str(_BIG))
    assert httpx.get(f"{tries}/1/stderr", headers={"if-none-match": tag}).status_code == 304


def test_a_file_of_any_size_is_sent_in_constant_memory(own: Server, tries: str) -> None:
    before = own.memory_kb()
    with httpx.stream("GET", f"{tries}/1/stderr") as answer:
        size = peak = 0
        for piece in answer.iter_bytes(1 << 20):
            size += len(piece)
            peak = max(peak, own.memory_kb())
    assert size == _BIG
    assert peak - before < 20_000, "the file is held in memory"


def test_a_client_that_goes_away_leaves_no_file_open(own: Server, tries: str) -> None:
    def opened() -> int:
        found = 0
        for handle in Path(f"/proc/{own.process.pid}/fd").iterdir():
            with suppress(FileNotFoundError):  # closed meanwhile
                found += FAILED_JOB in str(handle.readlink())
        return found

    for _ in range(5):
        with httpx.stream("GET", f"{tries}/1/stderr") as answer:
            next(answer.iter_bytes(100))
    for _ in range(100):
        if not opened():
            break
        httpx.get(own.url + "/api/v1")
    assert opened() == 0


def test_output_is_text_that_no_browser_interprets(tries: str) -> None:
    answer = httpx.get(f"{tries}/2/stdout")
    assert answer.content == _XSS
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


def test_a_record_of_kickstart_is_told_apart_from_what_the_program_wrote(tries: str) -> None:
    assert httpx.get(f"{tries}/1/kickstart").text.startswith("- invocation:")
    assert httpx.get(f"{tries}/1/stdout").text.startswith("findrange2: start")
    assert httpx.get(f"{tries}/2/kickstart").status_code == 404


def test_a_link_out_of_the_submit_directory_is_not_followed(run: Path, tries: str) -> None:
    (out,) = run.rglob(f"{FAILED_JOB}.out.001")
    kept = out.read_bytes()
    out.unlink()
    try:
        out.symlink_to("/etc/passwd")
        answer = httpx.get(f"{tries}/2/stdout")
        assert answer.status_code == 403
        assert "root:" not in answer.text
    finally:
        out.unlink()
        out.write_bytes(kept)


def test_a_database_is_nobodys_output(run: Path, tmp_path: Path) -> None:
    """Whatever an event named as the output of a job: reading it would also take the locks of those who ask it."""
    path = run / "beside.sqlite"
    load([run], url_of(path))
    own = Server([url_of(path)], free_port())
    try:
        own.wait()
        jobs = f"{own.url}/api/v1/workflows/{PEGASUS}/jobs"
        for name in ("beside.sqlite", "beside.sqlite-shm", "beside.sqlite-wal", str(path), "link"):
            (run / "link").unlink(missing_ok=True)
            (run / "link").symlink_to("beside.sqlite")
            with sqlite3.connect(path) as connection:
                connection.execute("UPDATE job_instance SET stdout_file = ?", (name,))
            answer = httpx.get(f"{jobs}/{FAILED_JOB}/attempts/2/stdout")
            assert answer.status_code == 403, name
            connection.close()
        assert httpx.get(jobs).status_code == 200
    finally:
        own.stop()


def test_a_text_in_a_large_file_is_found_without_sending_it(tries: str) -> None:
    found = httpx.get(f"{tries}/1/stderr/search", params={"text": "00050000."}).json()
    assert found["size"] == _BIG
    assert [(h["offset"], h["line_offset"]) for h in found["items"]] == [(50_000 << 10, 50_000 << 10)]
    assert found["next"] is None


def test_signs_of_errors_are_found_and_a_bad_question_is_refused(tries: str) -> None:
    hostile = httpx.get(f"{tries}/2/stdout/search", params={"text": "<SCRIPT>"})
    assert hostile.headers["content-type"] == "application/json"
    assert hostile.json()["items"][0]["text"].startswith("<script>")
    assert httpx.get(f"{tries}/1/stderr/search", params={"text": ""}).status_code == 400
    assert httpx.get(f"{tries}/9/stderr/search").status_code == 404
