"""The dashboard's files are given to everybody; their data are not."""

from __future__ import annotations

from pathlib import Path

import pytest
from litestar.testing import TestClient

from stampede.service import dashboard


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A build as Vite leaves it."""
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Stampede</title>")
    (folder / "assets" / "index-abc.js").write_text("let stampede = 1;" * 100)
    monkeypatch.setattr(dashboard, "STATIC", folder)
    dashboard._assets.cache_clear()
    yield folder
    dashboard._assets.cache_clear()


@pytest.mark.usefixtures("built")
class TestBuilt:
    @pytest.mark.parametrize("path", ["/", "/workflows/some-uuid", "/workflows/u/jobs/a%2Fb"])
    def test_every_address_of_a_page_gives_the_page(self, client: TestClient, path: str) -> None:
        answer = client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert answer.headers["cache-control"] == "no-cache"

    def test_scripts_are_kept_for_good_and_come_packed(self, client: TestClient) -> None:
        answer = client.get("/assets/index-abc.js")
        assert answer.text.startswith("let stampede")
        assert answer.headers["content-encoding"] == "gzip"
        assert "immutable" in answer.headers["cache-control"]

    def test_what_has_not_changed_is_not_sent_again(self, client: TestClient) -> None:
        etag = client.get("/").headers["etag"]
        assert client.get("/", headers={"if-none-match": etag}).status_code == 304

    @pytest.mark.parametrize("path", ["/assets/..%2Findex.html", "/assets/nothing.js", "/assets/%2e%2e/index.html"])
    def test_nothing_but_files_of_the_build_is_given(self, client: TestClient, path: str) -> None:
        assert client.get(path).status_code == 404


def test_a_checkout_without_a_build_says_how_to_make_one(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dashboard, "STATIC", tmp_path)
    dashboard._assets.cache_clear()
    answer = client.get("/")
    dashboard._assets.cache_clear()
    assert answer.status_code == 503
    assert "make web" in answer.text
