"""How a workflow stands in the database: what a reader has to know that cannot read its log from the beginning."""

from __future__ import annotations

import msgspec


class OpenTry(msgspec.Struct, frozen=True, kw_only=True):
    """A try that has not ended: the newest of its job. ``job`` is ``cluster.proc``; times are epoch seconds."""

    node: str
    seq: int
    job: str | None
    state: str | None
    state_seq: int
    pre_start_ts: float | None
    execute_ts: float | None
    end_ts: float | None
    post_start_ts: float | None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A workflow as it stands.

    ``seq`` is the highest number of a job instance; ``started_ts`` when its engine was started first, ``pid`` the
    process that was started last. ``submits`` tells how often nodes were handed to HTCondor, ``retries`` how many tries
    of a node have ended in this run, ``jobs`` node and number of the try by ``cluster.proc``.
    """

    submit_dir: str | None
    seq: int
    restart_count: int
    running: bool
    started_ts: float | None
    pid: int | None
    done: list[str]
    submits: dict[str, int]
    retries: dict[str, int]
    jobs: dict[str, tuple[str, int]]
    open_tries: list[OpenTry]
