"""Parts of the guard by themselves: what they promise without a server around them."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stampede.errors import StampedeError, UsageError
from stampede.service.guard.audit import Audit, Record
from stampede.service.guard.hosts import Hosts
from stampede.service.guard.limits import Attempts, Crowd, Rate
from stampede.service.guard.neighbour import _by_netlink, _by_table, user_of
from stampede.service.guard.origin import Origins
from stampede.service.guard.passwords import read_line
from stampede.service.guard.refusal import RefusedError
from stampede.service.guard.sessions import Sessions
from stampede.service.guard.tokens import Tokens


@pytest.mark.parametrize("family, address", [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_the_user_behind_a_connection_is_known(family: socket.AddressFamily, address: str) -> None:
    with socket.socket(family) as listening:
        try:
            listening.bind((address, 0))
        except OSError:
            pytest.skip("this machine has no such address")
        listening.listen()
        with socket.create_connection(listening.getsockname()[:2]) as made:
            ends = made.getsockname()[:2], made.getpeername()[:2]
            assert user_of(*ends) == os.geteuid()
            packed = [(socket.inet_pton(family, host), port) for host, port in ends]
            assert _by_table(*packed) == os.geteuid()
            assert _by_netlink(packed[0], (packed[1][0], 1)) is None, "there is no such connection"
    assert user_of(("192.0.2.1", 1), ("127.0.0.1", 2)) is None
    assert user_of(("nonsense", 1), ("127.0.0.1", 2)) is None


def test_the_file_of_tokens_has_no_token_and_is_for_its_owner(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path / "state" / "tokens.json")
    text, kept = tokens.create(user="ada", right="read", now=5.0)
    assert tokens.of_text(text) == kept
    assert text[13:] not in tokens.path.read_text()
    assert stat.S_IMODE(tokens.path.stat().st_mode) == 0o600
    tokens.path.write_text("{ nonsense")
    with pytest.raises(StampedeError):
        Tokens(tokens.path).all()


def test_tokens_made_by_many_processes_at_once_are_all_kept(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from stampede.service.guard.tokens import Tokens\n"
        "for n in range(10): Tokens(Path(sys.argv[1])).create(user=str(n), right='read', now=1.0)"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "t.json")]) for _ in range(3)]
    assert [one.wait(60) for one in running] == [0, 0, 0]
    assert len(Tokens(tmp_path / "t.json").all()) == 30


@given(st.text())
def test_no_text_is_a_token_by_accident(text: str) -> None:
    assert Tokens(Path("/nonexistent/tokens.json")).of_text(text) is None


@given(st.text(alphabet="ab:1 scryptead=+/", max_size=60))
def test_a_line_of_the_file_of_passwords_is_read_or_refused(line: str) -> None:
    with pytest.raises(ValueError):
        read_line(line)


def test_a_line_may_not_ask_for_all_memory() -> None:
    with pytest.raises(ValueError, match="cost"):
        read_line(f"ada:read:scrypt:{1 << 24}:8:1:c2FsdHNhbHQ=:{'A' * 43}=")


def test_the_audit_log_is_rotated_and_keeps_every_line(tmp_path: Path) -> None:
    audit = Audit(tmp_path / "audit.jsonl", most_bytes=2000, files=4)
    for number in range(40):
        audit.write(Record(event="request", outcome="ok", path=f"/{number}", user="\ud800", detail="x" * 900))
    files = sorted(tmp_path.iterdir())
    assert [f.name for f in files] == ["audit.jsonl.1", "audit.jsonl.2", "audit.jsonl.3"] or len(files) == 4
    assert all(f.stat().st_size < 4000 for f in files)
    lines = [json.loads(line) for f in files for line in f.read_text().splitlines()]
    assert all(len(line["detail"]) <= 501 for line in lines)
    audit = Audit(Path("/proc/nothing/audit.jsonl"))
    audit.write(Record(event="request", outcome="ok"))
    assert audit.lost == 1


@given(st.floats(0.1, 100), st.integers(1, 50), st.lists(st.floats(0, 5), max_size=80))
def test_no_more_is_allowed_than_burst_and_rate(per_second: float, burst: int, pauses: list[float]) -> None:
    rate, now, allowed = Rate(per_second, burst), 0.0, 0
    for pause in pauses:
        now += pause
        if rate.wait_s("a", now) == 0:
            rate.take("a", now)
            allowed += 1
    assert allowed <= burst + now * per_second + 1e-6


def test_a_wrong_credential_of_one_address_does_not_lock_others_out() -> None:
    attempts = Attempts(burst=3, pause_s=30)
    for _ in range(3):
        attempts.check("192.0.2.1", "ada", 0)
        attempts.wrong("192.0.2.1", "ada", 0)
    with pytest.raises(RefusedError):
        attempts.check("192.0.2.1", "ada", 1)
    attempts.check("192.0.2.2", "ada", 1)
    attempts.check("192.0.2.1", "ada", 31)


def test_a_crowd_is_bounded_in_all_and_for_each() -> None:
    crowd = Crowd(3, 2)
    crowd.enter("a")
    crowd.enter("a")
    with pytest.raises(RefusedError) as mine:
        crowd.enter("a")
    crowd.enter("b")
    with pytest.raises(RefusedError) as full:
        crowd.enter("c")
    assert (mine.value.status, full.value.status) == (429, 503)
    crowd.leave("a")
    crowd.enter("c")


def test_a_link_is_good_once_and_a_session_until_it_is_ended() -> None:
    sessions = Sessions()
    code = sessions.link()
    assert [sessions.take("x" + code), sessions.take(code), sessions.take(code)] == [False, True, False]
    cookie = sessions.begin("link")
    assert sessions.of(cookie) is not None
    assert sessions.of(cookie[:-1]) is None
    sessions.end(cookie)
    assert sessions.of(cookie) is None


@given(st.binary(max_size=80))
def test_a_strange_host_is_refused_and_never_an_error(host: bytes) -> None:
    try:
        Hosts(loopback=True).check([(b"host", host)])
    except RefusedError:
        pass
    else:
        assert host.lower().startswith(b"localhost") or host[:1] in b"[0123456789", host


@given(st.lists(st.text(alphabet="0123456789.,: afx", max_size=20), max_size=4))
def test_whatever_a_proxy_passes_on_the_origin_is_an_address(parts: list[str]) -> None:
    origins = Origins(["10.0.0.0/8"])
    headers = [(b"x-forwarded-for", part.encode()) for part in parts]
    origin = origins.of({"client": ("10.0.0.1", 5), "headers": headers, "scheme": "http"})
    assert origin.proxied
    assert not origin.loopback, "nobody through a proxy is the user's own process"
    assert origin.limited_as
    with pytest.raises(UsageError):
        Origins(["no address"])
