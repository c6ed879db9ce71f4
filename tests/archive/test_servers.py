"""An archive is the same one, byte for byte, whichever kind of database it comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from stampede import pipeline
from stampede.archive import Folder, archive, restore
from stampede.query import open_database
from stampede.query.health import check
from stampede.query.workflows import find
from tests.servers import SERVERS, database


@pytest.mark.parametrize("server", SERVERS)
def test_a_server_gives_back_the_files_that_it_was_given(kept: Path, tmp_path: Path, server: str) -> None:
    source, target = Folder(kept), Folder(tmp_path / "archive")
    with database(server) as url:
        for manifest in sorted(source.manifests(), key=lambda m: m.slot):
            assert restore(source, manifest, url).done == "restored"
            with open_database(url) as reader, reader.snapshot():
                again = archive(reader, find(reader, manifest.wf_uuid)[0], target).manifest
            assert {t: p.sha256 for t, p in again.tables.items()} == {t: p.sha256 for t, p in manifest.tables.items()}


@pytest.mark.parametrize("server", SERVERS)
def test_a_server_goes_on_to_load_after_a_restoration(corpus: Path, kept: Path, server: str) -> None:
    """Numbers that rows brought with them are not given a second time."""
    with database(server) as url:
        restore(Folder(kept), Folder(kept).find("failing"), url)
        pipeline.load([corpus / "dm_e_subdag"], url)
        restore(Folder(kept), Folder(kept).find("dm_g_hold"), url)
        with open_database(url) as reader, reader.snapshot():
            assert {c.name: c.samples for c in check(reader).checks if c.faults and c.serious} == {}
            assert reader.rows("SELECT count(*) FROM workflow WHERE parent_wf_id IS NULL") == [(3,)]
