"""A loader's file: opened when needed, and known to be another one when it was taken away or replaced."""

from __future__ import annotations

from pathlib import Path

from stampede.store.loader_file import LoaderFile


def test_a_file_that_was_deleted_or_replaced_is_known_to_be_another(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    one = LoaderFile(f"sqlite:///{path}", 1.0)
    assert not one._is_there
    one._opened()
    assert one._is_there
    assert not one._is_another
    path.rename(tmp_path / "away.db")
    assert one._is_another
    path.write_bytes(b"")
    assert one._is_another
    path.unlink()
    (tmp_path / "away.db").rename(path)
    assert not one._is_another, "it came back"
    one.close()


def test_what_was_dropped_is_opened_anew(tmp_path: Path) -> None:
    one = LoaderFile(f"sqlite:///{tmp_path / 'x.db'}", 1.0)
    first = one._opened()
    one.drop()
    assert one._opened() is not first
    one.close()
    one.close()
