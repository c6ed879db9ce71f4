"""A password in the URL of a database reaches the database alone: neither people nor programs nor logs see it."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from click.testing import CliRunner

from stampede.cli.main import cli
from stampede.service.logs import JsonLines, Lines
from stampede.service.running import entered, services
from stampede.store.registry_file import default_path
from stampede.words import masked
from tests.servers import database

SECRET = "hunter2%40x"


def test_passwords_of_urls_are_masked_wherever_they_stand_in_a_text() -> None:
    assert masked("go on: stampede status --db postgresql+psycopg://me:a@b@db:5432/wf now") == (
        "go on: stampede status --db postgresql+psycopg://me:***@db:5432/wf now")  # fmt: skip
    assert masked("mysql://:x@h/d and amqps://u:y@h/v") == "mysql://:***@h/d and amqps://u:***@h/v"
    assert masked("postgresql://h/d?user=me&password=x&a=1") == "postgresql://h/d?user=me&password=***&a=1"
    for plain in ("sqlite:///a:b@c.db", "https://u:p@h/", "postgresql://me@db/wf", "mysql://h:3306/d@e", "no url"):
        assert masked(plain) == plain


def test_no_verb_shows_the_password_of_a_server(corpus: Path) -> None:
    with database("postgresql") as url:  # which takes any password here
        place = url.partition("://")[2].rpartition("@")[2]
        db = f"postgresql+psycopg://root:{SECRET}@{place}"
        told = ""
        for arguments in (
            ["db", "init"], ["db", "init", "--json"], ["load", str(corpus / "dm_c_rescue")],
            ["load", str(corpus / "dm_c_rescue"), "--json"], ["status"], ["status", "--json"], ["status", "nothing"],
            ["triage"], ["db", "check"], ["db", "check", "--json"], ["db", "rebuild-summaries", "--json"],
        ):  # fmt: skip
            done = CliRunner().invoke(cli, [*arguments, "--db", db])
            assert "defect" not in done.output, done.output
            told += done.output
        for arguments in (["registry"], ["registry", "--json"], ["top", "--json"]):
            told += CliRunner().invoke(cli, arguments).output
        assert "***" in told
        assert SECRET not in told
        assert default_path().stat().st_mode & 0o777 == 0o600, "the registry has it, to connect"


@pytest.mark.parametrize("form", [Lines(), JsonLines()])
def test_no_log_of_a_service_has_it(form: logging.Formatter) -> None:
    record = logging.LogRecord("stampede.service", logging.WARNING, "", 1, "%s is away", (f"mysql://u:{SECRET}@h/d",),
                               None)  # fmt: skip
    assert "u:***@h/d is away" in form.format(record)


def test_a_running_service_is_listed_without_it() -> None:
    with entered("http://127.0.0.1:1", (f"mysql://u:{SECRET}@h/d",), None):
        listed = json.dumps([s.databases for s in services()])
        assert "u:***@h/d" in listed
        assert SECRET not in listed
