"""Sessions: one database, or all that the registry knows."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from stampede.api.database import Database, Readable
from stampede.api.listing import Listing
from stampede.api.workflow import Text, Workflow
from stampede.errors import DatabaseError, NoDatabaseError, UnknownWorkflowError
from stampede.naming import meant, place_of, storable
from stampede.places import url_of
from stampede.query import Reader
from stampede.query import registry as registered
from stampede.query.collections import COLLECTIONS, EVERYTHING, Scope, of_user
from stampede.query.foreign import entries
from stampede.query.workflows import find

if TYPE_CHECKING:
    from stampede.query.collections.jobs import JobItem
    from stampede.query.collections.notices import ProblemItem
    from stampede.query.collections.workflows import WorkflowItem


class Session:
    """Some databases that are asked together. Safe to use from several threads.

    ``name`` is what it was opened for (a submit directory, uuid or label), which :meth:`workflow` means without one;
    ``uuids`` are the workflows that the registry has under it. ``user`` restricts lists to the workflows of one user.
    """

    def __init__(
        self, databases: Sequence[Readable], *, name: str | None = None, uuids: tuple[str, ...] = (),
        user: str | None = None, elsewhere: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:  # fmt: skip
        """``elsewhere`` has by URL of a database the uuids of workflows that it only lists: another one has them."""
        self.databases = list(databases)
        self._elsewhere = dict(elsewhere or {})
        self.name = name
        self.user = user
        self._uuids = uuids

    def workflows(self, filter: Text = None, **asked: Any) -> Listing[WorkflowItem]:  # noqa: A002
        """All workflows, root and sub, the one that was started last first. Roots only: ``parent_wf_uuid=null``."""
        return self.listing("workflows", filter, **asked)

    def jobs(self, filter: Text = None, **asked: Any) -> Listing[JobItem]:  # noqa: A002
        """Jobs of all workflows."""
        return self.listing("jobs", filter, **asked)

    def problems(self, filter: Text = None, **asked: Any) -> Listing[ProblemItem]:  # noqa: A002
        """Problems met while workflows were read."""
        return self.listing("problems", filter, **asked)

    def listing(
        self, name: str, filter: Text = None, *, sort: str | None = None, fields: Text = None,  # noqa: A002
        search: str | None = None,
    ) -> Listing[Any]:  # fmt: skip
        """A list over all databases, by the name of its collection. Raises UsageError for what cannot be asked."""
        return Listing(
            self._opened, COLLECTIONS[name], filter=filter, sort=sort, fields=fields, search=search,
            mark=f"all {self.user}",
        )  # fmt: skip

    def workflow(self, name: str | None = None, *, as_of: float | None = None) -> Workflow:
        """A workflow by its uuid (root or sub) or the start of one, its label (the latest run), or a submit directory.

        Without a name: what the session was opened for, else the workflow that was started last. ``as_of`` (epoch
        seconds): as it stood then. Raises UnknownWorkflowError.
        """
        if name is not None:
            return self._named(name, as_of)
        if self._uuids:
            return self._named(self._uuids[0], as_of)
        if self.name is not None:
            with self.databases[0].reader() as reader:
                return Workflow(self.databases[0], meant(reader, None, self.name)[0].wf_uuid, as_of=as_of)
        latest = self.workflows("parent_wf_uuid=null", sort="-started_ts", fields="wf_uuid").first()
        if latest is None:
            raise UnknownWorkflowError("There is no workflow yet. Load one with: stampede load SUBMIT_DIR")
        return self._named(latest["wf_uuid"], as_of)  # type: ignore[index]

    def _named(self, name: str, as_of: float | None) -> Workflow:
        trouble: UnknownWorkflowError | None = None
        found: list[tuple[float, Workflow]] = []
        for database in self.databases:
            try:
                with database.reader() as reader:
                    one = find(reader, storable(name))[0]
            except UnknownWorkflowError as e:
                trouble = e
                continue
            except DatabaseError:
                if len(self.databases) == 1:
                    raise
                continue  # one that cannot be read hides only its own workflows
            if one.wf_uuid in self._elsewhere.get(database.url, ()):
                continue
            if self.user is None or one.user == self.user:
                found.append((one.first_ts or 0.0, Workflow(database, one.wf_uuid, as_of=as_of)))
        if found:
            return max(found, key=lambda f: f[0])[1]
        if len(self.databases) == 1 and trouble is not None:
            raise trouble
        raise UnknownWorkflowError(f"There is no workflow {name[:60]!r} in {len(self.databases)} databases.")

    @contextmanager
    def _opened(self) -> Iterator[Sequence[tuple[Reader, Scope]]]:
        """All databases that can be read (of several), each with the workflows that may be seen."""
        every = EVERYTHING if self.user is None else of_user(self.user)
        with ExitStack() as stack:
            parts = []
            for database in self.databases:
                without = self._elsewhere.get(database.url, ())
                scope = msgspec.structs.replace(every, without=without) if without else every
                try:
                    parts.append((stack.enter_context(database.reader()), scope))
                except DatabaseError:
                    if len(self.databases) == 1:
                        raise
            yield parts

    def close(self) -> None:
        """Close the databases that it opened."""
        for database in self.databases:
            if isinstance(database, Database):
                database.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<session of {len(self.databases)} database{'' if len(self.databases) == 1 else 's'}>"


def open_session(where: str | os.PathLike[str] | None = None) -> Session:
    """A session: of a database by its URL or file, or of the database of a submit directory, uuid or label; of all
    databases of the registry without anything. ``stampede.open`` is this function.

    Pegasus' own databases (``*.stampede.db`` of any version, and its master database) are read as they are, and never
    written to. Raises NoDatabaseError when there is none, UnknownWorkflowError for a name that is not known.
    """
    if where is None:
        urls = registered.databases()
        if not urls:
            raise NoDatabaseError("No workflow is registered. Name a database or a submit directory.")
        return Session([Database(url) for url in urls])
    name = os.fspath(where)
    if "://" in name or _is_database(name):
        return _of_database(name if "://" in name else url_of(Path(os.path.abspath(name))))
    place = place_of(None, name)
    return Session([_checked(place.url)], name=name, uuids=place.uuids)


def _of_database(url: str) -> Session:
    """A database, and those that it names if it is a master database of Pegasus."""
    database = _checked(url)
    with database.reader() as reader:
        listed = entries(reader) if reader.is_adopted else []
    others: dict[str, list[str]] = {}
    for entry in listed:
        if entry.db_url is not None and registered.holds(entry.db_url, entry.wf_uuid):
            others.setdefault(entry.db_url, []).append(entry.wf_uuid)
    named = tuple(uuid for uuids in others.values() for uuid in uuids)
    return Session([*(Database(other) for other in others), database], elsewhere={url: named} if named else None)


def _checked(url: str) -> Database:
    """The database; what is wrong with it is said at once."""
    database = Database(url)
    with database.reader():
        return database


def _is_database(path: str) -> bool:
    """Whether a path is an SQLite file itself (https://sqlite.org/fileformat.html, 1.3)."""
    try:
        with open(path, "rb") as file:
            return file.read(16) == b"SQLite format 3\0"
    except (OSError, ValueError):
        return False
