"""``report``: one page of a run, and the gallery of many."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from export.reading import Page, page

from stampede.cli import report as module

from .conftest import Run

Ask = Callable[..., Any]
NAMES = ("pg_fail", "dm_g_hold", "dm_e_subdag", "dm_c_rescue")


def _page(run: Run, *words: str) -> tuple[Page, str]:
    done = run("report", *words)
    assert done.exit_code == 0, done.output
    return page(done.stdout), done.stdout


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_whole_and_fetches_nothing(run: Run, databases: dict[str, str], name: str) -> None:
    found, text = _page(run, "--db", databases[name])
    assert found.tags.count("script") == 1
    assert "default-src 'none'" in text.replace("&#x27;", "'")
    assert len(text) < 1_500_000
    inside = {link.removeprefix("#") for link in found.links}
    assert inside <= set(found.ids)


def test_it_says_how_it_stands_why_and_how_to_go_on(run: Run, databases: dict[str, str]) -> None:
    found, _ = _page(run, "--db", databases["pg_fail"])
    text = " ".join(found.text)
    for words in ("Failed, 6 of 14 done", "The program failed", "calibration.dat is missing", "pegasus-run",
                  "findrange_ID0000003", "All 14 jobs.", "HTCondor"):  # fmt: skip
        assert words in text
    assert text.index("Why") < text.index("jobs over time") < text.index("By transformation") < text.index("All 14")


def test_of_a_run_that_went_well_it_says_that_nothing_is_wrong(run: Run, databases: dict[str, str]) -> None:
    text = " ".join(_page(run, "--db", databases["dm_e_subdag"])[0].text)
    assert "Nothing is wrong now." in text
    assert "Mended by itself or over: " in text


def test_json_is_what_the_page_tells(ask: Ask, databases: dict[str, str]) -> None:
    found = ask("report", "--db", databases["pg_fail"])
    assert found["workflows"][0]["state"] == "failed"
    assert found["triage"]["causes"][0]["label"] == "exit_code"
    assert len(found["jobs"]["rows"]) == found["jobs"]["total"] == 14
    assert found["album"]["gantt"]["tries"] == 8


@pytest.mark.parametrize("name", NAMES)
def test_its_statistics_are_those_of_stats(ask: Ask, databases: dict[str, str], name: str) -> None:
    """One engine of counts: the table by transformation is the section of ``stampede stats``."""
    page = ask("report", "--db", databases[name])["transformations"]
    assert page == ask("stats", "--section", "efficiency", "--db", databases[name])["transformations"]
    assert page


def test_many_jobs_are_folded_to_those_one_looks_for(
    run: Run, ask: Ask, databases: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("_ALL_JOBS", 5), ("_LONGEST", 2)):
        monkeypatch.setattr(module, name, value)
    jobs = ask("report", "--db", databases["pg_fail"])["jobs"]
    assert jobs["folded"]
    assert "findrange_ID0000003" in {j["job"] for j in jobs["rows"]}
    assert len(jobs["rows"]) < jobs["total"]
    assert "stampede jobs lists all" in " ".join(_page(run, "--db", databases["pg_fail"])[0].text)


def test_as_of_a_time(run: Run, databases: dict[str, str]) -> None:
    found, _ = _page(run, "--db", databases["pg_fail"], "--as-of", "2026-11-21T21:14:00Z")
    text = " ".join(found.text)
    assert "running" in text
    assert "as of" in text
    assert run("report", "--db", databases["pg_fail"], "--as-of", "2020-01-01T00:00:00Z").exit_code == 2


def test_one_page_holds_one_workflow(run: Run, databases: dict[str, str]) -> None:
    done = run("report", "a", "b", "--db", databases["pg_fail"])
    assert done.exit_code == 2
    assert "--gallery" in done.stderr


def test_a_gallery_has_a_page_for_each_and_one_of_all(run: Run, databases: dict[str, str], tmp_path: Path) -> None:
    assert run("report", "--gallery", str(tmp_path), "--db", databases["pg_fail"]).exit_code == 0
    found = page((tmp_path / "index.html").read_text())
    files = {p.name for p in tmp_path.iterdir()} - {"index.html"}
    assert set(found.links) == files
    assert len(files) == 1
    page((tmp_path / files.pop()).read_text())
    assert "failing" in " ".join(found.text)


def test_a_gallery_of_what_was_watched_shows_the_trend_of_a_label(
    run: Run, ask: Ask, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs of several databases, known to the registry; a database that is gone is left out."""
    from stampede.query import registry

    urls = [f"sqlite:///{tmp_path / name}.db" for name in ("pg_fail", "dm_g_hold")]
    for name, url in zip(("pg_fail", "dm_g_hold"), urls, strict=True):
        run("load", str(corpus / name), "--db", url)
    (tmp_path / "broken.db").write_text("no database")
    monkeypatch.setattr(registry, "databases", lambda: [*urls, f"sqlite:///{tmp_path}/broken.db"])
    told = ask("report", "--gallery", str(tmp_path / "pages"))
    assert {r["workflow"]["label"] for r in told["runs"]} >= {"failing"}
    assert len(told["left_out"]) == 1
    assert "Not shown: 1" in " ".join(page((tmp_path / "pages" / "index.html").read_text()).text)


def test_without_any_database_a_gallery_says_what_to_do(run: Run, tmp_path: Path) -> None:
    done = run("report", "--gallery", str(tmp_path / "pages"))
    assert done.exit_code == 4
    assert "--db" in done.stderr
