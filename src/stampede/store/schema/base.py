"""What the declarations of tables share: kinds of columns, and the collection of all tables."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Integer, MetaData, Numeric, String

Id = BigInteger().with_variant(Integer(), "sqlite")
Ts = Numeric(16, 6)
Dur = Numeric(10, 3)
S255 = String(255)

metadata = MetaData()


def fk(target: str, *, on_delete: str = "CASCADE") -> ForeignKey:
    """A column that names a row of another table, and goes with it."""
    return ForeignKey(target, ondelete=on_delete)
