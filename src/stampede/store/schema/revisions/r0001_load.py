"""What a load of a submit directory writes."""

from __future__ import annotations

revision = "0001"
down_revision = None


def upgrade() -> None:
    """The first tables; there is nothing before them."""


def downgrade() -> None:
    """There is nothing before them."""
