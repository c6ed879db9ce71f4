"""Two records of one run, Stampede's answers and HTCondor's own, taken about every second, and where they disagree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from .pool import COMPLETED, HELD, IDLE, REMOVED, RUNNING, Ad

#: seconds by which the two may be apart: DAGMan reads its jobs' log once a second, then updates its own job's record
#: within the next, and the queue is asked once a second
LAG_S = 3.0
#: seconds after which they have to agree again
SETTLE_S = 6.0

#: our word -> attribute that DAGMan keeps of itself in the queue
NODES = {
    "total": "DAG_NodesTotal", "done": "DAG_NodesDone", "failed": "DAG_NodesFailed", "futile": "DAG_NodesFutile",
    "ready": "DAG_NodesReady", "unready": "DAG_NodesUnready", "pre": "DAG_NodesPrerun", "queued": "DAG_NodesQueued",
    "post": "DAG_NodesPostrun",
}  # fmt: skip
JOBS = ("running", "idle", "held")


class Truth(msgspec.Struct):
    """What HTCondor says of one DAGMan: its cluster, the status of its own job, and counts (no nodes: not told yet)."""

    cluster: int
    status: int
    counts: dict[str, int]

    @property
    def told(self) -> bool:
        return "total" in self.counts


class Moment(msgspec.Struct):
    """Both at one time; ``truth`` and ``answers`` by DAG file, ``answers`` None while Stampede knows nothing."""

    truth_at: float
    answer_at: float
    truth: dict[str, Truth]
    answers: dict[str, dict[str, Any]] | None


def by_dag(said: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Answers by DAG file; a second workflow of the same file, which there never should be, gets a name of its own."""
    found: dict[str, dict[str, Any]] = {}
    for answer in said:
        name = answer["dag"]
        found[name if name not in found else f"{name} again, {answer['wf_uuid']}"] = answer
    return found


def truth_of(queue: list[Ad], cluster: int) -> dict[str, Truth]:
    """The DAGMan of a cluster and those of its sub-DAGs, by the name of their DAG files."""
    found: dict[str, Truth] = {}
    for ad in queue:
        dag = re.search(r"-Dag (\S+)", ad.get("Arguments") or "")
        if dag is not None and (ad["ClusterId"] == cluster or _is_below(ad, cluster, queue)):
            found[dag[1]] = Truth(ad["ClusterId"], ad["JobStatus"], _counts(ad, queue))
    return found


def _is_below(ad: Ad, cluster: int, queue: list[Ad]) -> bool:
    parent = ad.get("DAGManJobId")
    while parent is not None and parent != cluster:
        parent = next((a.get("DAGManJobId") for a in queue if a["ClusterId"] == parent), None)
    return parent is not None


def _counts(dagman: Ad, queue: list[Ad]) -> dict[str, int]:
    counts = {word: dagman[name] for word, name in NODES.items() if name in dagman}
    jobs = [ad["JobStatus"] for ad in queue if ad.get("DAGManJobId") == dagman["ClusterId"]]
    counts["idle"] = jobs.count(IDLE)
    counts["held"] = jobs.count(HELD)
    counts["running"] = sum(status not in (IDLE, HELD, COMPLETED, REMOVED) for status in jobs)
    return counts


def counts_of(answer: dict[str, Any]) -> dict[str, int]:
    """The same counts out of an answer of ``status --json``."""
    counts: dict[str, int] = {**answer["nodes"], **{word: answer[word] for word in JOBS}}
    return counts


def compared(moments: list[Moment], dag: str, judged: Callable[[Moment], bool]) -> Iterator[tuple[float, str | None]]:
    """Judged times at which HTCondor told of the DAG, and what is wrong with the answer then (None: nothing).

    A count is right when it lies between the least and the most that HTCondor told of it ``LAG_S`` before and after.
    """
    for m in moments:
        truth = m.truth.get(dag)
        if truth is None or not truth.told or not judged(m):
            continue
        near = [n.truth[dag] for n in moments if abs(n.truth_at - m.answer_at) <= LAG_S and dag in n.truth]
        near = [t for t in near if t.told and t.cluster == truth.cluster]
        answer = (m.answers or {}).get(dag)
        if answer is None:
            yield m.answer_at, f"{dag}: HTCondor runs it, Stampede knows nothing of it"
            continue
        wrong = []
        if truth.status == RUNNING and answer["state"] != "running":
            wrong.append(f"{answer['state']}, HTCondor runs it")
        ours = counts_of(answer)
        # what its jobs do while DAGMan itself is held or waits, nobody has told Stampede
        for word in (*NODES, *(JOBS if truth.status == RUNNING else ())):
            theirs = [t.counts[word] for t in near if word in t.counts]
            # a job runs for the queue as soon as it has a machine, and for its log when it has begun there
            least = 0 if word == "running" else min(theirs, default=0)
            most = (
                max((t.counts["idle"] + t.counts["running"] for t in near), default=0)
                if word == "idle"
                else max(theirs, default=0)
            )
            if not least <= ours[word] <= most:
                wrong.append(f"{word} {ours[word]}, HTCondor {sorted(set(theirs))}")
        yield m.answer_at, f"{dag}: {'; '.join(wrong)}" if wrong else None


def disagreements(seen: Iterable[tuple[float, str | None]], settle_s: float = SETTLE_S) -> list[str]:
    """Times longer than ``settle_s`` in which every answer was wrong, out of what ``compared`` found."""
    found: list[str] = []
    since: float | None = None
    told = False
    for at, wrong in seen:
        if wrong is None:
            since, told = None, False
            continue
        since = at if since is None else since
        if at - since > settle_s and not told:
            found.append(f"for more than {settle_s:.0f} s until {at:.1f}: {wrong}")
            told = True
    return found


def contradictions(moments: list[Moment], dag: str, nodes: int) -> list[str]:
    """What can be true at no time, whatever the lag: a workflow twice, a sum that is not, a count that goes back."""
    found = [f"at {m.answer_at:.1f}: {name}" for m in moments for name in m.answers or () if name.startswith(f"{dag} ")]
    before: tuple[int, int, int] = (0, 0, 0)
    for m in moments:
        answer = (m.answers or {}).get(dag)
        if answer is None:
            continue
        n, at = answer["nodes"], f"{dag} at {m.answer_at:.1f}"
        if n["total"] not in (0, nodes):
            found.append(f"{at}: {n['total']} nodes in all, there are {nodes}")
        if sum(v for k, v in n.items() if k != "total") != n["total"]:
            found.append(f"{at}: the states do not add up: {n}")
        in_queue = sum(answer[word] for word in JOBS)
        if answer["state"] == "running" and in_queue != n["queued"]:
            found.append(f"{at}: {n['queued']} nodes queued, but {in_queue} jobs in the queue")
        now = (answer["restart_count"], n["done"], answer["attempts"]["submits"])
        if now < before or (now[0] == before[0] and now[2] < before[2]):
            found.append(f"{at}: (runs, done, submits) went from {before} to {now}")
        before = max(before, now)
    return found


def table(moments: list[Moment]) -> str:
    """All that was seen, for the message of a failed test: HTCondor's counts | ours."""
    lines = []
    words = (*NODES, *JOBS)
    for m in moments:
        for dag in sorted({*m.truth, *(m.answers or {})}):
            truth, answer = m.truth.get(dag), (m.answers or {}).get(dag)
            ours = counts_of(answer) if answer else {}
            theirs = truth.counts if truth else {}
            pairs = " ".join(f"{w} {theirs.get(w, '-')}|{ours.get(w, '-')}" for w in words if w in theirs or w in ours)
            states = f"{truth.status if truth else '-'}|{answer['state'] if answer else '-'}"
            lines.append(f"{m.answer_at:.1f} {dag} {states} {pairs}")
    return "\n".join(lines)
