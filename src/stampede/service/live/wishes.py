"""What a listener wants to hear."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from stampede.query.changes import KINDS, Change, Counts
from stampede.service.problems import ProblemError

#: names of events that may be asked for
TYPES: Final = (*KINDS, "summary")
_LONGEST: Final = 100


class Scope(msgspec.Struct, frozen=True):
    """A workflow, a forest (a root and all below it), or all."""

    kind: Literal["workflow", "forest", "all"]
    uuid: str | None = None


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """Who hears what: None is no condition. Listeners with the same wish share what is sent.

    ``states`` are those of events ``state``, ``workflow`` and ``engine``; other events are not kept out by it.
    """

    scope: Scope
    types: frozenset[str] | None = None
    states: frozenset[str] | None = None
    workflows: frozenset[str] | None = None
    #: only workflows of that user
    user: str | None = None

    def wants(self, change: Change) -> bool:
        """Whether a change is to be heard; that of another scope is not."""
        if self.types is not None and change.kind not in self.types:
            return False
        if self.states is not None and change.state is not None and change.state not in self.states:
            return False
        return self._about(change.wf_uuid, change.root_uuid, change.user)

    def wants_counts(self, counts: Counts) -> bool:
        """Whether the numbers of a workflow are to be heard. Of all workflows those of roots are."""
        if self.types is not None and "summary" not in self.types:
            return False
        if self.scope.kind == "all" and self.workflows is None and counts.wf_uuid != counts.root_wf_uuid:
            return False
        return self._about(counts.wf_uuid, counts.root_wf_uuid, counts.user)

    def _about(self, wf_uuid: str | None, root: str | None, user: str | None) -> bool:
        scope = self.scope
        if scope.kind == "workflow" and wf_uuid != scope.uuid:
            return False
        if scope.kind == "forest" and root != scope.uuid:
            return False
        if self.workflows is not None and wf_uuid not in self.workflows and root not in self.workflows:
            return False
        return self.user is None or user == self.user


def words(text: str | None, name: str, known: tuple[str, ...] | None = None) -> frozenset[str] | None:
    """The words of a parameter, which are separated by commas. Raises ProblemError (400) for one that is not known."""
    if text is None:
        return None
    found = frozenset(word.strip() for word in text.split(",") if word.strip())
    if not found or len(found) > _LONGEST:
        raise ProblemError(400, "parameters", f"{name} has 1 to {_LONGEST} words with commas between them.")
    wrong = sorted(found - set(known)) if known is not None else []
    if wrong and known is not None:
        raise ProblemError(400, "parameters", f"{name}: {wrong[0][:40]!r} is none of {', '.join(known)}.")
    return found
