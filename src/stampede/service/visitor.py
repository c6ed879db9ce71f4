"""Who asks, and what they may see."""

from __future__ import annotations

from typing import Any, Final, Literal, cast

import msgspec
from litestar.connection import ASGIConnection

Right = Literal["read", "write", "admin", "monitor"]

#: where of an ASGI scope a guard leaves the visitor
KEY: Final = "stampede.visitor"


class Visitor(msgspec.Struct, frozen=True, kw_only=True):
    """``user`` as workflows name theirs; None: nobody in particular. An admin sees the workflows of all users, a
    monitor none, but the figures of the service."""

    user: str | None = None
    right: Right = "read"

    @property
    def sees_all(self) -> bool:
        return self.right == "admin"

    @property
    def only_user(self) -> str | None:
        """The user to whose workflows every list is kept; None for somebody who sees all."""
        return None if self.sees_all else self.user or ""

    @property
    def may_write(self) -> bool:
        """Whether they may send what is kept."""
        return self.right in ("write", "admin")

    @property
    def may_monitor(self) -> bool:
        """Whether they may see the figures of the service, which are about all users."""
        return self.right in ("monitor", "admin")

    def may_see(self, owner: str | None) -> bool:
        """Whether a workflow of that user is theirs to see."""
        return self.sees_all or (self.user is not None and self.user == owner)


#: where no credential is asked for, everybody who can reach the service is as good as its user
OWNER: Final = Visitor(right="admin")


def visitor_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Visitor:
    """The visitor that a guard found; without guards the owner."""
    return cast(Visitor, connection.scope.get(KEY, OWNER))
