"""The tables that ship are those that are declared, and the versions are said the same everywhere."""

from __future__ import annotations

import gzip
import importlib.util
import sqlite3
from contextlib import closing
from pathlib import Path
from types import ModuleType

import pytest

from stampede.store import nodes, schema, sqlite
from stampede.store.entities import COUNTS, INSTANCE_COLUMNS
from stampede.store.loader import Loader
from stampede.store.rows import STATEMENTS, Buffers

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def renderer() -> ModuleType:
    """``tools/render_ddl.py``, which is no part of the package."""
    spec = importlib.util.spec_from_file_location("render_ddl", ROOT / "tools/render_ddl.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_shipped_ddl_is_what_the_declaration_renders(renderer: ModuleType) -> None:
    for name, (dialect, tables) in renderer.DIALECTS.items():
        shipped = (renderer.DDL / f"{name}.sql").read_text()
        assert shipped == renderer.render(dialect, tables), "run python tools/render_ddl.py"


def test_both_modules_that_tell_a_version_tell_the_same() -> None:
    assert (schema.PEGASUS_VERSION, schema.STAMPEDE_VERSION) == (sqlite.PEGASUS_VERSION, sqlite.STAMPEDE_VERSION)


@pytest.fixture
def connection(tmp_path: Path) -> sqlite3.Connection:
    return sqlite.open_writer(f"sqlite:///{tmp_path / 'x.sqlite'}")


def test_a_new_database_says_its_versions(connection: sqlite3.Connection) -> None:
    assert connection.execute("SELECT version_number FROM dbversion").fetchone() == (schema.PEGASUS_VERSION,)
    said = connection.execute("SELECT value FROM stampede_meta WHERE key = 'schema_version'").fetchone()
    assert said == (str(schema.STAMPEDE_VERSION),)
    connection.close()


def test_every_statement_of_the_loader_fits_the_tables_and_has_its_buffer(connection: sqlite3.Connection) -> None:
    nodes.prepare(connection)
    for name, statement in STATEMENTS.items():
        connection.execute(f"EXPLAIN {statement}", (None,) * _parameters(statement))
        assert getattr(Buffers(), name) == []
    connection.close()


def _parameters(statement: str) -> int:
    plain = statement.count("?")
    numbered = {n for n in range(1, 30) if f"?{n}" in statement}
    return max(numbered) if numbered else plain


def test_what_is_kept_in_memory_has_its_columns() -> None:
    tables = schema.metadata.tables
    assert set(INSTANCE_COLUMNS) <= set(tables["job_instance"].columns.keys())
    assert set(COUNTS) <= set(tables["workflow_summary"].columns.keys())


@pytest.mark.shared
def test_a_database_of_the_peer_has_no_table_or_column_that_ours_lacks(shared: Path, tmp_path: Path) -> None:
    packed = shared / "corpus/runs/pg_fail/peer/failing-0.stampede.db.gz"
    (tmp_path / "peer.db").write_bytes(gzip.decompress(packed.read_bytes()))
    peer = sqlite3.connect(tmp_path / "peer.db")
    tables = {r[0] for r in peer.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for table in tables - {"sqlite_sequence"}:
        columns = {r[1] for r in peer.execute(f'PRAGMA table_info("{table}")')}
        assert columns <= set(schema.metadata.tables[table].columns.keys()), table
    peer.close()


def test_the_version_is_where_pegasus_looks_for_it(tmp_path: Path) -> None:
    """Its tools take the number of the schema from the text column ``dbversion.version``."""
    file = tmp_path / "x.sqlite"
    Loader(f"sqlite:///{file}").close()
    row = sqlite3.connect(file).execute("SELECT version_number, version FROM dbversion").fetchone()
    assert row == (14, "14")


def test_a_database_of_before_gets_the_indexes_it_lacks_when_it_is_written(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/old.sqlite"
    names = {"job_instance_duration_idx", "job_instance_end_idx", "job_instance_execute_idx"}
    with closing(sqlite.open_writer(url)) as connection:
        for name in names:
            connection.execute(f"DROP INDEX {name}")
    with closing(sqlite.open_writer(url)) as connection:
        made = {r[0] for r in connection.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
    assert names <= made
