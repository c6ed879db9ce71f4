"""Requests of somebody who means harm, to a real server: none gets through, and it goes on to answer."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest

from service.conftest import FAILED_JOB, PEGASUS, Server


@pytest.fixture(autouse=True)
def _still_well(server: Server) -> Iterator[None]:
    """After each: the server lives, answers, and has lost nothing."""
    yield
    assert server.process.poll() is None
    answer = httpx.get(f"{server.url}/api/v1/workflows/{PEGASUS}/status")
    assert answer.status_code == 200
    assert answer.json()["workflows"][0]["nodes"]["total"] == 14


def _raw(server: Server, data: bytes, wait_s: float = 5.0) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), timeout=wait_s) as wire:
        wire.sendall(data)
        found = b""
        try:
            while piece := wire.recv(65536):
                found += piece
        except (TimeoutError, ConnectionResetError):
            pass
        return found


_CLIMBS = [
           "../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "....//....//etc/passwd",
           "..%252f..%252fetc%252fpasswd", "%00", "/etc/passwd", "%c0%ae%c0%ae/etc/passwd", "..\\..\\etc\\passwd",
]  # fmt: skip


@pytest.mark.parametrize("climb", _CLIMBS)
def test_no_path_climbs_out(server: Server, climb: str) -> None:
    for base in ("", "/api/v1/", f"/api/v1/workflows/{PEGASUS}/", "/api/v1/locate/",
                 f"/api/v1/workflows/{PEGASUS}/jobs/{FAILED_JOB}/attempts/1/",
                 f"/api/v1/workflows/{PEGASUS}/jobs/"):  # fmt: skip
        for end in ("", "/attempts/1/stdout"):
            line = f"GET {base}{climb}{end} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
            answer = _raw(server, line)
            assert b"root:" not in answer
            assert answer[9:12] in (b"400", b"404"), answer[:80]


_INJECTIONS = [
    "' OR 1=1 --", "1; DROP TABLE job", "x' UNION SELECT sql FROM sqlite_master --", "\" OR \"\"=\"", "%' --",
    "(SELECT load_extension('x'))", "\x00", "{{7*7}}", "${jndi:ldap://x}", "__import__('os')",
]  # fmt: skip


@pytest.mark.parametrize("text", _INJECTIONS)
def test_no_parameter_becomes_a_part_of_a_question(server: Server, text: str) -> None:
    jobs = f"{server.url}/api/v1/workflows/{PEGASUS}/jobs"
    whole = httpx.get(jobs).json()["total"]
    for name in ("name", "name~", "state", "duration_s>", "sort", "fields", "after", "as_of", "q", "limit", text):
        answer = httpx.get(f"{jobs}?{quote(name, safe='~>')}={quote(text, safe='')}")
        assert answer.status_code in (200, 400), answer.text
        assert "sqlite_master" not in answer.text.replace(text, "")
        assert 'near "' not in answer.text
        if answer.status_code == 200:
            assert not answer.json()["items"] or name == "q"
    for path in (f"/api/v1/workflows/{quote(text, safe='')}/status", f"/api/v1/locate/{quote(text, safe='')}"):
        assert httpx.get(server.url + path).status_code == 404
    assert httpx.get(jobs).json()["total"] == whole


def test_what_a_page_of_an_error_says_is_json_and_never_html(server: Server) -> None:
    script = quote("<script>alert(1)</script>")
    for path in (f"/{script}", f"/api/v1/workflows/{script}", f"/api/v1/workflows/{PEGASUS}/jobs?{script}=1"):
        answer = httpx.get(server.url + path)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_bodies_that_nobody_asked_for_are_not_read(server: Server) -> None:
    answer = httpx.request("GET", server.url + "/api/v1/workflows", content=b"x" * (8 << 20))
    assert answer.status_code in (200, 400, 413)
    assert httpx.post(server.url + "/api/v1/workflows", content=b"{" * 1000).status_code == 405
    assert httpx.request("PUT", f"{server.url}/api/v1/workflows/{PEGASUS}").status_code == 405
    assert httpx.delete(f"{server.url}/api/v1/workflows/{PEGASUS}").status_code == 405


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/9.9\r\n\r\n", b"GET\r\n\r\n", b"\r\n\r\n\r\n", b"\xff" * 500,
        b"GET /api/v1 HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"GET /api/v1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nzzz",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /api/v1 HTTP/1.1\r\nHost: x\r\nX: " + b"b" * 200_000 + b"\r\n\r\n",
        b"GET /api/v1/workflows?\xff\xfe\x80=\xc3\x28 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /api/v1/search?q=%ff%fe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /api/v1/workflows?limit=" + b"9" * 5000 + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /api/v1/workflows?" + b"total%3E=1&" * 5000 + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ],
    ids=range(13),
)  # fmt: skip
def test_what_is_no_request_is_refused_and_forgotten(server: Server, data: bytes) -> None:
    answer = _raw(server, data, 3.0)
    assert answer == b"" or answer[9:10] in (b"2", b"4"), answer[:200]
    assert b"Traceback" not in answer


def test_many_slow_clients_keep_nobody_waiting(server: Server) -> None:
    """Sixty clients that send a byte now and then; others are answered as before."""
    slow = [socket.create_connection(("127.0.0.1", server.port), timeout=5) for _ in range(60)]
    try:
        for number, wire in enumerate(slow):
            wire.sendall(b"GET /api/v1/workflows HTTP/1.1\r\nHost: x\r\nX-Slow: "[: 20 + number % 20])
        began = time.monotonic()
        for _ in range(20):
            assert httpx.get(server.url + "/api/v1/workflows").status_code == 200
        assert time.monotonic() - began < 30
    finally:
        for wire in slow:
            wire.close()


def test_a_client_that_does_not_read_its_answers_costs_little_memory(server: Server) -> None:
    before = server.memory_kb()
    wires = []
    path = f"/api/v1/workflows/{PEGASUS}/statistics".encode()
    for _ in range(20):
        wire = socket.create_connection(("127.0.0.1", server.port), timeout=5)
        wire.sendall((b"GET " + path + b" HTTP/1.1\r\nHost: x\r\n\r\n") * 50)
        wires.append(wire)
    for _ in range(20):
        assert httpx.get(server.url + "/api/v1").status_code == 200
    grown = server.memory_kb() - before
    for wire in wires:
        wire.close()
    assert grown < 60_000


def test_names_that_are_python_are_names(server: Server) -> None:
    for name in ("__class__", "__init__", "wf_id", "rowid", "sqlite_master.sql", "w.wf_uuid", "1", ""):
        for parameter in ("sort", "fields"):
            answer = httpx.get(f"{server.url}/api/v1/jobs", params={parameter: name})
            assert answer.status_code == (200 if not name else 400), (name, parameter)
