"""Of which workflows a list is."""

from __future__ import annotations

import msgspec

from stampede.query.collections.column import Collection
from stampede.query.workflows import Workflow, forest
from stampede.store.reader import Reader


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Some workflows (their keys), those of one user, or all of a database, but for some.

    ``name`` stays the same while a forest grows: a cursor belongs to it.
    """

    name: str = "all"
    workflows: tuple[int, ...] | None = None
    user: str | None = None
    #: uuids of workflows that are left out
    without: tuple[str, ...] = ()

    @property
    def is_one(self) -> bool:
        """Whether it is one workflow alone."""
        return self.workflows is not None and len(self.workflows) == 1

    def sql(self, expression: str) -> tuple[list[str], list[str]]:
        """Conditions on the key of a workflow, and the values of their marks."""
        where, values = [], []
        if self.workflows is not None:
            ids = [str(int(w)) for w in self.workflows]
            where.append(f"{expression} = {ids[0]}" if len(ids) == 1 else f"{expression} IN ({', '.join(ids)})")
        if self.user is not None:
            where.append(f"{expression} IN (SELECT mine.wf_id FROM workflow mine WHERE mine.user = ?)")
            values.append(self.user)
        if self.without:
            # all in one value: as JSON, so that there may be thousands
            where.append(
                f"{expression} NOT IN (SELECT gone.wf_id FROM workflow gone WHERE gone.wf_uuid IN "
                "(SELECT value FROM json_each(?)))"
            )
            values.append(msgspec.json.encode(self.without).decode())
        return where, values


EVERYTHING = Scope()


def of_user(user: str) -> Scope:
    """The workflows that a user started."""
    return Scope(name=f"user:{user}", user=user)


def of_workflow(workflow: Workflow) -> Scope:
    """One workflow alone."""
    return Scope(name=f"workflow:{workflow.wf_uuid}", workflows=(workflow.wf_id,))


def of_forest(reader: Reader, root: Workflow) -> Scope:
    """A workflow and all below it."""
    return Scope(name=f"forest:{root.wf_uuid}", workflows=tuple(w.wf_id for w in forest(reader, root)))


def size_of(reader: Reader, collection: Collection, scope: Scope) -> int | None:
    """About how many rows a list has before it is filtered; None when nothing tells."""
    if not collection.size:
        return None
    where, values = scope.sql("s.wf_id")
    condition = f" WHERE {' AND '.join(where)}" if where else ""
    row = reader.one(f"SELECT sum(s.{collection.size}) FROM workflow_summary s{condition}", values)
    return int(row[0] or 0) if row else 0
