"""Tokens at a real service: what counts, for how long, for what, and for whose workflows."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from stampede.service.guard.tokens import Tokens

from .conftest import Start, Tokened, World
from .lab import Service, cookie_of


def test_without_a_credential_nothing_but_being_there_is_told(tokened: Tokened) -> None:
    ask = tokened.service.ask
    assert [ask(p).status for p in ("/healthz", "/readyz", "/login")] == [200, 200, 200]
    for path in ("/api/v1/", "/api/v1/workflows", "/api/v1/openapi.json", "/metrics", "/nothing", "/healthz/x"):
        answer = ask(path)
        assert (answer.status, answer.headers["www-authenticate"]) == (401, 'Bearer realm="stampede"'), path
        assert answer.json["type"] == "/problems/credential"


def test_what_is_not_exactly_a_token_is_refused(serve: Start) -> None:
    service = serve("--always-ask")
    text = service.stampede("serve", "token", "create", "--user", "ada").strip()
    wrong = ["", "x", text[:-1], text + "x", text.upper(), text[:13] + "A" * 43, "stp_00000000_" + text[13:], text * 2]
    for one in wrong:
        assert service.ask("/api/v1/me", token=one).status == 401, one
    assert service.ask("/api/v1/me", token=text).status == 200


def test_wrong_tokens_are_limited_and_right_ones_are_not(serve: Start) -> None:
    service = serve("--always-ask")
    text = service.stampede("serve", "token", "create", "--user", "ada").strip()
    assert [service.ask("/api/v1/me", token="wrong").status for _ in range(12)] == [401] * 10 + [429] * 2
    assert service.ask("/api/v1/me", token=text).status == 200


def test_a_token_that_expired_is_refused(serve: Start) -> None:
    service = serve("--always-ask")
    text, _ = Tokens(service.state / "service" / "tokens.json").create(
        user="ada", right="admin", now=time.time(), expires_ts=time.time() + 1.2
    )
    assert service.ask("/api/v1/me", token=text).status == 200
    time.sleep(1.3)
    answer = service.ask("/api/v1/me", token=text)
    assert (answer.status, answer.json["detail"]) == (401, "This token has expired.")


def test_a_revoked_token_ends_at_once_with_its_sessions(serve: Start) -> None:
    service = serve("--always-ask")
    text = service.stampede("serve", "token", "create", "--user", "ada").strip()
    assert service.ask("/api/v1/me", token=text).json == {"user": "ada", "right": "read", "by": "token"}
    entered = service.ask("/login", "POST", body=f"password={text}".encode(), Sec_Fetch_Site="same-origin")
    cookie = cookie_of(entered)
    assert service.ask("/api/v1/me", Cookie=cookie).json["by"] == "session"
    service.stampede("serve", "token", "revoke", text.split("_")[1])
    assert service.ask("/api/v1/me", token=text).status == 401
    assert service.ask("/api/v1/me", Cookie=cookie).status == 401


def test_rights_allow_what_they_say(tokened: Tokened) -> None:
    ask, tokens = tokened.service.ask, tokened.tokens
    table = {
        #            list  write  metrics
        "ada":      (200,  False, 403),
        "writer":   (200,  True,  403),
        "admin":    (200,  True,  200),
        "monitor":  (403,  False, 200),
    }  # fmt: skip
    for who, (listed, writes, metrics) in table.items():
        assert ask("/api/v1/workflows", token=tokens[who]).status == listed, who
        assert ask("/metrics", token=tokens[who]).status == metrics, who
        sent = ask("/api/v1/workflows", "POST", token=tokens[who], body=b"")
        assert (sent.status != 403) is writes, who


def test_another_spelling_of_a_path_opens_nothing(tokened: Tokened) -> None:
    ask, tokens = tokened.service.ask, tokened.tokens
    for path in (
        "/metrics/",
        "//metrics",
        "/metrics//",
        "/%6detrics",
        "/metrics?x=1",
        "/healthz/../metrics",
        "/./metrics",
    ):
        assert ask(path, token=tokens["ada"]).status in (403, 404), path
        assert ask(path).status == 401, path
    for path in ("/api/v1//workflows", "/login/../api/v1/me", "/healthz%2f..%2fapi/v1/me", "/healthz/api/v1/me"):
        assert ask(path).status == 401, path
        assert ask(path, token=tokens["monitor"]).status == 403, path


def test_a_wish_for_a_web_socket_is_answered_as_any_request(tokened: Tokened) -> None:
    head = b"GET /api/v1/me HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    opened = tokened.service.raw(head)
    assert opened.recv(4096).startswith(b"HTTP/1.1 401 ")
    opened.close()


def test_users_see_their_own_workflows_by_no_way_others(tokened: Tokened, world: World) -> None:
    ask, tokens = tokened.service.ask, tokened.tokens
    listed = ask("/api/v1/workflows", token=tokens["ada"]).json["items"]
    assert [w["wf_uuid"] for w in listed] == [world.ada]
    assert len(ask("/api/v1/workflows?below=true", token=tokens["admin"]).json["items"]) >= 2
    job = ask(f"/api/v1/workflows/{world.bob}/jobs?limit=1", token=tokens["bob"]).json["items"][0]["name"]
    of_bob = [
        f"/api/v1/workflows/{world.bob}", f"/api/v1/workflows/{world.bob}/status",
        f"/api/v1/workflows/{world.bob}/jobs", f"/api/v1/workflows/{world.bob}/jobs/{job}",
        f"/api/v1/workflows/{world.bob}/triage", f"/api/v1/locate/{world.bob}",
    ]  # fmt: skip
    for path in of_bob:
        assert ask(path, token=tokens["bob"]).status == 200, path  # bob's answer may be kept now
        hers = ask(path, token=tokens["ada"])
        nothing = ask(path.replace(world.bob, "0" * 8 + world.bob[8:]), token=tokens["ada"])
        assert hers.status == nothing.status == 404, path
        assert hers.json["type"] == nothing.json["type"], "that it exists is not told"
        assert ask(path, token=tokens["admin"]).status == 200, path
    for stream in ("stdout", "stderr", "kickstart"):
        path = f"/api/v1/workflows/{world.bob}/jobs/{job}/attempts/1/{stream}"
        assert ask(path, token=tokens["ada"]).status == 404
    for name in ("jobs", "job_instances", "invocations", "tasks", "hosts", "files", "events", "problems"):
        lists = [ask(f"/api/v1/{name}?limit=1000", token=tokens[who]).json["items"] for who in ("ada", "bob", "admin")]
        assert len(lists[0]) + len(lists[1]) == len(lists[2]), f"each row of {name} is of one of the two"
    found = ask("/api/v1/search?q=e", token=tokens["ada"])
    assert found.status == 200
    assert world.bob.encode() not in found.body
    assert world.ada.encode() in ask("/api/v1/search?q=dm", token=tokens["ada"]).body


def test_an_etag_of_another_is_no_way_around(tokened: Tokened, world: World) -> None:
    ask, tokens, path = tokened.service.ask, tokened.tokens, f"/api/v1/workflows/{world.bob}/status"
    tag = ask(path, token=tokens["bob"]).headers["etag"]
    assert ask(path, token=tokens["ada"], If_None_Match=tag).status == 404


def test_the_audit_log_says_who_did_what_and_no_secret(tokened: Tokened, world: World) -> None:
    service, tokens = tokened.service, tokened.tokens
    service.ask("/api/v1/search?q=confidential", token=tokens["ada"])
    service.ask("/api/v1/me", token=tokens["old"])
    end = time.monotonic() + 10
    while service.audit()[-1].get("status") != 401 and time.monotonic() < end:
        time.sleep(0.02)  # a line is written when its answer was sent
    record = next(r for r in reversed(service.audit()) if r.get("path") == "/api/v1/search")
    assert record.items() >= {
        "event": "request", "outcome": "ok", "user": "ada", "by": f"token {tokened.ids['ada']}", "right": "read",
        "address": "127.0.0.1", "method": "GET", "status": 200,
    }.items()  # fmt: skip
    assert record["time"].endswith("Z")
    refused = service.audit()[-1]
    assert (refused["outcome"], refused["detail"], refused["status"]) == ("refused", "credential", 401)
    everything = service.log()
    assert "confidential" not in everything
    for token in tokens.values():
        assert token[13:] not in everything


def test_the_time_of_last_use_is_kept(tokened: Tokened) -> None:
    tokened.service.ask("/api/v1/me", token=tokened.tokens["writer"])
    assert '"used_ts": 1' in (tokened.service.state / "service" / "tokens.json").read_text()
    assert oct((tokened.service.state / "service" / "tokens.json").stat().st_mode & 0o777) == "0o600"


def test_a_writer_stores_nothing_in_workflows_of_others(world: World, tmp_path: Path) -> None:
    """Ada's token writes: what it sends of bob's workflow is a problem, what it sends of a new one is hers."""
    database = tmp_path / "own.db"
    database.write_bytes(Path(world.url.removeprefix("sqlite:///")).read_bytes())
    tokens = Tokens(tmp_path / "service" / "tokens.json")
    ada, _ = tokens.create(user="ada", right="write", now=time.time())
    bob, _ = tokens.create(user="bob", right="write", now=time.time())

    def send(source: str, **event: Any) -> Any:
        return service.ask("/api/v1/events", "POST", token=ada, body=json.dumps(event).encode(),
                           stampede_source=source, stampede_sequence="1").json  # fmt: skip

    with Service(tmp_path, "--db", f"sqlite:///{database}", "--always-ask") as service:
        theirs, new = f"/api/v1/workflows/{world.bob}", "77777777-0000-4000-8000-000000000001"
        before = service.ask(theirs, token=bob).json
        assert send("a", event="stampede.xwf.end", ts=2e9, xwf_id=world.bob, restart_count=0, status=0)["problems"] == 1
        assert service.ask(theirs, token=bob).json == before
        assert send("b", event="stampede.wf.plan", ts=5, xwf_id=new, root_xwf_id=new, user="bob")["new"] == 1
        assert service.ask(f"/api/v1/workflows/{new}", token=ada).json["user"] == "ada"
        assert service.ask(f"/api/v1/workflows/{new}", token=bob).status == 404
