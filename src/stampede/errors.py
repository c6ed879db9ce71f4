"""Every exception Stampede raises on purpose.

::

    StampedeError                     catch this one to catch them all
    ├── InputError                    something given to us could not be used     (exit code 3)
    │   ├── NotAWorkflowError         a path holds nothing that we can read
    │   ├── DecodeError               a record of a stream is not what its format says
    │   └── InvalidEventError         an event breaks the schema (strict mode only)
    ├── UsageError                    the question itself is wrong                 (exit code 2)
    │   ├── UnknownWorkflowError      no workflow of that name, uuid or folder
    │   ├── UnknownJobError           no job of that name in the workflow, or no such try of it
    │   └── FilterError               a filter is not in the grammar, or names what is not known
    └── DatabaseError                 a database could not be reached or used      (exit code 4)
        ├── NoDatabaseError           there is none where one was looked for
        ├── BusyError                 another process reads the workflow into it
        ├── TimeUpError               a question took too long and was stopped
        ├── FencedError               another process has taken that over from us
        ├── FutureDatabaseError       it was written by a newer Stampede
        └── OutdatedDatabaseError     it has to be brought up to date before it can be written

Each carries a message of one or two sentences that says what happened, where, and what to do about it:
they are printed as they are, without a traceback.
"""

from __future__ import annotations


class StampedeError(Exception):
    """Base of all errors raised on purpose; ``exit_code`` is what the command line ends with."""

    exit_code = 1


class InputError(StampedeError):
    """Input that could not be used. ``path`` and ``offset`` (bytes) say where, when known."""

    exit_code = 3

    def __init__(self, message: str, *, path: str | None = None, offset: int | None = None) -> None:
        super().__init__(message)
        self.path = path
        self.offset = offset


class NotAWorkflowError(InputError):
    """The path is no submit directory, event file or log that can be read."""


class DecodeError(InputError):
    """One record of a stream is not what its format says."""


class InvalidEventError(InputError):
    """An event breaks the schema, and the caller asked for strictness."""


class UsageError(StampedeError):
    """The question itself is wrong: an unknown column, an impossible combination."""

    exit_code = 2


class UnknownWorkflowError(UsageError):
    """No workflow in the database has that uuid, label or submit directory."""


class UnknownJobError(UsageError):
    """The workflow has no job of that name, or the job no such try."""


class FilterError(UsageError):
    """A filter cannot be read: ``offset`` is where in its text, ``part`` in which condition (both from 0)."""

    def __init__(self, message: str, *, offset: int, part: int = 0) -> None:
        super().__init__(message)
        self.offset = offset
        self.part = part


class DatabaseError(StampedeError):
    """A database could not be reached, opened or written."""

    exit_code = 4


class NoDatabaseError(DatabaseError):
    """There is no database where one was looked for."""


class FutureDatabaseError(DatabaseError):
    """The database has a schema version this release does not know."""


class OutdatedDatabaseError(DatabaseError):
    """The database has an earlier schema version, and others may use it: it is upgraded when that is asked for."""


class TimeUpError(DatabaseError):
    """A question to a database took longer than it may, or was not wanted any more, and was stopped."""


class BusyError(DatabaseError):
    """Another process is reading the same workflow into the database; ``holder`` says which."""

    def __init__(self, message: str, *, holder: str) -> None:
        super().__init__(message)
        self.holder = holder


class FencedError(DatabaseError):
    """Another process has become the one that writes: this one must not any more."""
