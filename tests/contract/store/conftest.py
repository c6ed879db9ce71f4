"""Databases with the same runs in them: one in a file, one on each server, one on PostgreSQL in parts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest

from stampede import pipeline
from stampede.store.connection import open_existing
from stampede.store.months.month import Month
from stampede.store.server.connection import ServerConnection
from tests.conftest import shared_folder
from tests.servers import SERVERS, database

RUNS = ("pg_fail", "dm_g_hold", "dm_e_subdag", "dm_c_rescue")
#: of those beside the checkout: sub-workflows, clusters, killed and halted runs, odd submissions, several hosts
MORE_RUNS = (
    "dm_a_diamond", "dm_b_retry", "dm_h_rm", "dm_n_halt", "dm_q_throttle", "dm_s_badsubmit", "dm_w_schedd_restart",
    "pg_cluster_fail", "pg_hier_fail", "pg_killed", "pg_metadata", "pg_nokickstart", "pg_rescue", "pg_retry",
    "pg_running_inprogress_1",
)  # fmt: skip
#: a PostgreSQL that keeps states in partitions
IN_PARTS = "postgresql in parts"
#: the hour that the recorded runs are of
_RAN_TS = 1_795_294_800


def runs(corpus: Path) -> list[Path]:
    """The recorded runs that ship with the project, and those beside the checkout."""
    found = [corpus / name for name in RUNS]
    shared = shared_folder()
    if shared is not None:
        for name in MORE_RUNS:
            top = shared / "corpus" / "runs" / name
            found += sorted({log.parent for log in top.rglob("*.dag.dagman.out")}, key=lambda p: len(p.parts))[:1]
    return found


@pytest.fixture(scope="session")
def sqlite(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of the file."""
    url = f"sqlite:///{tmp_path_factory.mktemp('contract') / 'all.db'}"
    pipeline.load(runs(corpus), url)
    return url


@pytest.fixture(scope="session", params=[*SERVERS, IN_PARTS])
def server(request: pytest.FixtureRequest, corpus: Path) -> Iterator[str]:
    """The URL of a database on a server."""
    in_parts = request.param == IN_PARTS
    with database("postgresql" if in_parts else request.param) as url:
        if in_parts:
            pipeline.make_database(url, by_month=True)
            _cut_smaller(url)
        pipeline.load(runs(corpus), url)
        yield url


def _cut_smaller(url: str) -> None:
    """The recorded runs are of one hour: parts of two minutes, so that a try's states lie in several; and the rest."""
    cuts = range(_RAN_TS, _RAN_TS + 3000, 120)
    with closing(cast(ServerConnection, open_existing(url))) as connection:
        connection.statement(f"DROP TABLE IF EXISTS {Month.of(_RAN_TS).table}")
        for n, first in enumerate(cuts):
            connection.statement(
                f"CREATE TABLE part_{n} PARTITION OF jobstate FOR VALUES FROM ({first}) TO ({first + 120})"
            )


@pytest.fixture(params=SERVERS)
def empty(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an empty database on a server."""
    with database(request.param) as url:
        yield url
