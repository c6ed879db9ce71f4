"""Who is let in at a real service without a token: the user's own processes, users with a password, a proxy's users."""

from __future__ import annotations

import base64
import hashlib
import http.client
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stampede.service.guard.passwords import Entry

from .conftest import Start, World
from .lab import Service, cookie_of, read_all

PASSWORD = "correct horse battery"


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.fixture
def passwords(tmp_path: Path) -> Path:
    """A file as the verb writes it, but of a cost that tests can bear."""
    file, salt = tmp_path / "passwords", b"salt of a test"
    digest = hashlib.scrypt(PASSWORD.encode(), salt=salt, n=1024, r=8, p=1, dklen=32)
    entries = [
        Entry(user=user, right=right, n=1024, r=8, p=1, salt=salt, hash=digest)
        for user, right in (("ada", "read"), ("bob", "admin"))
    ]
    file.write_text("# users\n" + "".join(f"{entry.line()}\n" for entry in entries))
    return file


@pytest.fixture(scope="module")
def local(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with Service(tmp_path_factory.mktemp("state"), "--db", world.url, "--name", "named.example") as service:
        yield service


def test_on_loopback_only_processes_of_the_same_user_need_no_credential(local: Service) -> None:
    service = local
    assert service.ask("/api/v1/me").json == {"user": None, "right": "admin", "by": "local"}
    setpriv = shutil.which("setpriv")
    if setpriv is None or os.geteuid() != 0:
        pytest.skip("becoming another user needs root and setpriv")
    code = (
        f"import socket; s = socket.create_connection(('127.0.0.1', {service.port})); "
        "s.sendall(b'GET /api/v1/me HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n'); "
        "print(s.recv(12).decode())"
    )
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin") or sys.executable
    done = subprocess.run(
        [setpriv, "--reuid=65534", "--regid=65534", "--clear-groups", python, "-c", code], capture_output=True,
        text=True, timeout=20, check=False, cwd="/",
    )  # fmt: skip
    assert done.stdout.strip() == "HTTP/1.1 401", done.stderr


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"])
def test_what_a_proxy_passes_on_is_not_the_users_own(local: Service, header: str) -> None:
    answer = local.ask("/api/v1/me", **{header: "192.0.2.1"})
    assert answer.status == 401
    assert "--trust-proxy" in answer.json["detail"]


def test_a_header_of_a_proxy_counts_only_from_its_address(serve: Start, world: World) -> None:
    elsewhere = serve("--always-ask", "--trust-proxy", "192.0.2.7", "--user-header", "X-Remote-User")
    assert elsewhere.ask("/api/v1/me", X_Remote_User="ada").status == 401
    trusted = serve("--trust-proxy", "127.0.0.0/8", "--user-header", "X-Remote-User", "--admin", "bob")
    assert trusted.ask("/api/v1/me", X_Remote_User="ada").json == {"user": "ada", "right": "read", "by": "proxy"}
    assert trusted.ask(f"/api/v1/workflows/{world.bob}/status", X_Remote_User="ada").status == 404
    assert trusted.ask("/api/v1/me", X_Remote_User="bob").json["right"] == "admin"
    assert trusted.ask("/api/v1/me").status == 401, "a proxy that names nobody lets nobody in"
    twice = trusted.raw(
        b"GET /api/v1/me HTTP/1.1\r\nHost: h\r\nX-Remote-User: ada\r\nX-Remote-User: bob\r\nConnection: close\r\n\r\n"
    )
    assert b" 400 " in read_all(twice).split(b"\r\n")[0]
    trusted.ask("/api/v1/me", X_Remote_User="ada", X_Forwarded_For="203.0.113.9, 198.51.100.2, 127.0.0.3")
    trusted.end()  # all lines of the audit log are written
    seen = trusted.audit()[-2]
    assert (seen["path"], seen["address"]) == ("/api/v1/me", "198.51.100.2"), "what visitors write is not believed"


def test_passwords(serve: Start, passwords: Path) -> None:
    service = serve("--always-ask", "--passwords", str(passwords))
    asked = service.ask("/api/v1/me")
    assert (asked.status, "Basic" in asked.headers["www-authenticate"]) == (401, True)
    me = service.ask("/api/v1/me", Authorization=basic("ada", PASSWORD))
    assert me.json == {"user": "ada", "right": "read", "by": "basic"}
    for wrong in (basic("ada", PASSWORD + "x"), basic("eve", PASSWORD), basic("ada", "")):
        assert service.ask("/api/v1/me", Authorization=wrong).status == 401
    for broken in ("Basic", "Basic !", "Basic " + base64.b64encode(b"nocolon").decode()):
        assert service.ask("/api/v1/me", Authorization=broken).status == 400
    assert service.ask("/api/v1/me", Authorization="Digest x").status == 401
    passwords.write_text("".join(x for x in passwords.read_text().splitlines(True) if not x.startswith("ada:")))
    assert service.ask("/api/v1/me", Authorization=basic("ada", PASSWORD)).status == 401, "struck from the file"
    assert PASSWORD not in service.log()


def test_after_ten_wrong_passwords_the_right_one_has_to_wait_too(serve: Start, passwords: Path) -> None:
    service = serve("--always-ask", "--passwords", str(passwords))
    ask = service.ask
    assert ask("/api/v1/me", Authorization=basic("bob", PASSWORD)).status == 200
    statuses = [ask("/api/v1/me", Authorization=basic("ada", f"guess{n}")).status for n in range(11)]
    assert statuses == [401] * 10 + [429]
    refused = ask("/api/v1/me", Authorization=basic("ada", PASSWORD))
    assert (refused.status, 0 < int(refused.headers["retry-after"]) <= 30) == (429, True)
    form = f"user=ada&password={PASSWORD}".replace(" ", "+").encode()
    assert ask("/login", "POST", body=form, Sec_Fetch_Site="same-origin").status == 429, "nor by the form"


def test_a_browser_logs_in_and_out(serve: Start, passwords: Path) -> None:
    service = serve("--always-ask", "--passwords", str(passwords))
    page = service.ask("/login")
    assert (page.status, b"<form" in page.body) == (200, True)
    form = f"user=ada&password={PASSWORD}".replace(" ", "+").encode()
    here = f"http://127.0.0.1:{service.port}"
    entered = service.ask("/login", "POST", body=form, Origin=here)
    assert entered.status == 303
    set_ = entered.headers["set-cookie"]
    assert all(part in set_ for part in ("HttpOnly", "SameSite=Strict", "Path=/"))
    cookie = cookie_of(entered)
    assert service.ask("/api/v1/me", Cookie=cookie).json == {"user": "ada", "right": "read", "by": "session"}
    left = service.ask("/logout", "POST", Cookie=cookie, Origin=here)
    assert (left.status, "Max-Age=0" in left.headers["set-cookie"]) == (303, True)
    assert service.ask("/api/v1/me", Cookie=cookie).status == 401
    events = [(r["event"], r["outcome"], r.get("user")) for r in service.audit() if r["event"].startswith("log")]
    assert events == [("login", "ok", "ada"), ("logout", "ok", "ada")]
    assert cookie.partition("=")[2] not in service.log()


def test_pages_of_others_can_neither_send_nor_load(local: Service) -> None:
    """A page of somebody else's, in the browser of the user, whose own processes need no credential."""
    service = local
    here = f"http://127.0.0.1:{service.port}"
    for strange in (
        {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"}, {"Origin": here.replace("127.0.0.1", "localhost")},
    ):  # fmt: skip
        answer = service.ask("/api/v1/workflows", "POST", body=b"", **strange)
        assert answer.status == 403, strange
    assert service.ask("/api/v1/workflows", "POST", body=b"", Origin=here).status == 405
    loaded = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors", "Sec_Fetch_Dest": "script"}
    assert service.ask("/api/v1/workflows", **loaded).status == 403
    followed = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
    assert service.ask("/api/v1/workflows", **followed).status == 200
    assert "access-control-allow-origin" not in service.ask("/api/v1/me", Origin="https://evil.example").headers


@pytest.mark.parametrize("host, status", [
    ("127.0.0.1", 200), ("localhost:8642", 200), ("LOCALHOST.", 200), ("[::1]:1", 200), ("192.0.2.1", 200),
    ("evil.example", 421), ("localhost.evil.example", 421), ("127.0.0.1.evil.example", 421), ("", 400),
    ("a b", 400), ("localhost@evil.example", 400), ("named.example", 200),
])  # fmt: skip
def test_a_name_that_is_not_ours_is_not_answered(local: Service, host: str, status: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", local.port, timeout=20)
    connection.putrequest("GET", "/api/v1/me", skip_host=True)
    connection.putheader("Host", host)
    connection.endheaders()
    assert connection.getresponse().status == status
    connection.close()
