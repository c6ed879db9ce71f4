"""Limits at a real service: heads that are long or slow, bodies, readers, rates, time, too many at once."""

from __future__ import annotations

import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import Start, World
from .lab import Service, read_all

HEAD_S, STALL_S = 0.6, 0.8


@pytest.fixture(scope="module")
def limited(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    settings = {
        "databases": [world.url], "head_s": HEAD_S, "stall_s": STALL_S, "head_bytes": 4096, "connections_each": 20,
        "request_s": 2.0,
    }  # fmt: skip
    with Service(tmp_path_factory.mktemp("state"), settings=settings) as service:
        yield service


def metric(service: Service, name: str) -> float:
    text = service.ask("/metrics").body.decode()
    return next((float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name)), 0.0)


@pytest.mark.parametrize("head", [
    b"GET /api/v1/me HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 5000 + b"\r\n\r\n",
    b"GET /api/v1/me HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 2000 + b"\r\n",
    b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /api/v1/me HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 100_000,
])  # fmt: skip
def test_a_long_head_is_refused(limited: Service, head: bytes) -> None:
    assert read_all(limited.raw(head)).startswith(b"HTTP/1.1 431 ")


def test_a_body_that_comes_with_the_head_does_not_count_as_head(limited: Service) -> None:
    body = b"x" * 7000
    head = b"POST /login HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\n"
    answer = read_all(limited.raw(head + b"Content-Length: %d\r\n\r\n" % len(body) + body))
    assert answer.startswith(b"HTTP/1.1 401 ")


def test_a_connection_on_which_nothing_comes_is_cut(limited: Service) -> None:
    began = time.monotonic()
    assert read_all(limited.raw()) == b""
    assert time.monotonic() - began < 10


def test_a_head_that_comes_byte_by_byte_is_cut(limited: Service) -> None:
    """Slowloris: each byte in time, the head never whole."""
    opened = limited.raw(b"GET / HTTP/1.1\r\nX: ")
    opened.settimeout(0.1)
    end, cut = time.monotonic() + 15, False
    while not cut and time.monotonic() < end:
        try:
            opened.sendall(b"a")
            cut = opened.recv(1) == b""
        except TimeoutError:
            continue
        except OSError:
            cut = True
    opened.close()
    assert cut


def test_a_body_that_stands_still_is_cut(limited: Service) -> None:
    opened = limited.raw(
        b"POST /login HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 100\r\n\r\nabc"
    )
    assert read_all(opened) == b""


def test_a_body_that_comes_too_slowly_is_not_waited_for(limited: Service) -> None:
    """Each piece comes in time, but the whole does not."""
    opened = limited.raw(
        b"POST /login HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 100\r\n\r\n"
    )
    opened.settimeout(0.3)
    answer, end = b"", time.monotonic() + 15
    while not answer and time.monotonic() < end:
        try:
            opened.sendall(b"a")
            answer = opened.recv(4096)
        except TimeoutError:
            continue
    opened.close()
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_who_does_not_fetch_an_answer_is_cut(limited: Service) -> None:
    before = metric(limited, 'stampede_connections_cut_total{reason="slow reader"}')
    opened = socket.socket()
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    opened.connect(("127.0.0.1", limited.port))
    opened.sendall(b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 40)
    end = time.monotonic() + 15
    while time.monotonic() < end and metric(limited, 'stampede_connections_cut_total{reason="slow reader"}') == before:
        time.sleep(0.2)
    opened.close()
    assert metric(limited, 'stampede_connections_cut_total{reason="slow reader"}') == before + 1


def test_idle_connections_wait_longer_between_requests_than_for_a_head(limited: Service) -> None:
    request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with limited.raw(request) as opened:
        assert _answer(opened).startswith(b"HTTP/1.1 200")
        time.sleep(HEAD_S + STALL_S + 0.3)
        opened.sendall(request)
        assert _answer(opened).startswith(b"HTTP/1.1 200")


def _answer(opened: socket.socket) -> bytes:
    """A whole answer of /healthz, which may come in pieces."""
    data = b""
    while not data.endswith(b"\r\n\r\nok\n"):
        piece = opened.recv(4096)
        if not piece:
            break
        data += piece
    return data


def test_one_address_has_so_many_connections_and_no_more(limited: Service) -> None:
    opened = [limited.raw() for _ in range(40)]
    time.sleep(0.3)
    for one in opened:
        one.setblocking(False)
    cut = 0
    for one in opened:
        try:
            cut += one.recv(1) == b""
        except BlockingIOError:
            pass
        except ConnectionResetError:
            cut += 1
        one.close()
    assert cut >= 20
    assert limited.ask("/healthz").status == 200
    assert metric(limited, 'stampede_connections_cut_total{reason="too many of one address"}') >= 20


def test_bodies_are_limited(limited: Service) -> None:
    big = b"password=" + b"x" * 100_000
    assert limited.ask("/login", "POST", body=big, Sec_Fetch_Site="same-origin").status == 413


def test_requests_have_no_smuggled_second_half(limited: Service) -> None:
    """A head with two lengths, or a length and chunks, is refused as a whole."""
    for fields in (b"Content-Length: 4\r\nContent-Length: 5", b"Content-Length: 4\r\nTransfer-Encoding: chunked"):
        head = b"POST /login HTTP/1.1\r\nHost: localhost\r\n" + fields + b"\r\n\r\n"
        answer = read_all(limited.raw(head + b"0\r\n\r\nGET /api/v1/me HTTP/1.1\r\nHost: localhost\r\n\r\n"))
        assert answer.count(b"HTTP/1.1 ") <= 1
        assert b'"right"' not in answer


def test_too_many_requests_of_one_address_have_to_wait(world: World, tmp_path: Path) -> None:
    with Service(tmp_path, settings={"databases": [world.url], "requests_per_second": 5, "local": False}) as service:
        statuses = [service.ask("/healthz").status for _ in range(30)]
        assert statuses.count(200) >= 20
        assert 429 in statuses


def test_every_answer_tells_browsers_what_to_refuse(limited: Service) -> None:
    for path in ("/healthz", "/login", "/api/v1/me", "/nothing", "/api/v1/workflows?state=nonsense>"):
        headers = limited.ask(path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert "frame-ancestors 'none'" in headers["content-security-policy"] or path == "/api/v1/docs"
        assert headers["referrer-policy"] == "same-origin"
        assert "server" not in headers


def test_tls(serve: Start, tmp_path: Path) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    try:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
             "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out",
             str(certificate)], check=True, capture_output=True, timeout=60,
        )  # fmt: skip
    except FileNotFoundError:
        pytest.skip("there is no openssl here")
    service = serve("--tls-certificate", str(certificate), "--tls-key", str(key), "--always-ask")
    assert service.url.startswith("https://")
    token = service.stampede("serve", "token", "create", "--user", "ada").strip()
    context = ssl.create_default_context(cafile=str(certificate))
    answer = service.ask("/api/v1/me", token=token, tls=context)
    assert (answer.status, "strict-transport-security" in answer.headers) == (200, True)
    form = f"password={token}".encode()
    entered = service.ask("/login", "POST", body=form, tls=context, Sec_Fetch_Site="same-origin")
    assert entered.headers["set-cookie"].startswith("__Host-stampede=")
    assert "; Secure" in entered.headers["set-cookie"]
    assert b"HTTP/1.1 200" not in read_all(service.raw(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"))
