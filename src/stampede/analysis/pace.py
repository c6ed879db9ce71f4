"""Jobs that run much longer than their peers: without an end so far (``hang``), or ended at last (``straggler``)."""

from __future__ import annotations

from collections.abc import Iterator

from stampede.analysis.finding import Finding
from stampede.query.trouble import Evidence, Running

#: seconds and factor over the longest peer from which on a running job is said to hang
HANG_S = 100.0
HANG_FACTOR = 10.0
#: seconds and factor over the mean of its peers from which on a finished job is a straggler
STRAGGLER_S = 60.0
STRAGGLER_FACTOR = 5.0
#: jobs of a kind that must have ended well before one of them is called slow
STRAGGLER_PEERS = 4
#: the same for a kind of which none ended yet, against the longest of any kind
ALONE_S = 300.0
ALONE_FACTOR = 20.0

#: transfers take what their files need
_TRANSFERS = ("stage-in-tx", "stage-out-tx", "inter-site-tx")


def pace_findings(facts: Evidence) -> Iterator[Finding]:
    """Jobs that hang and stragglers."""
    for r in facts.running:
        if r.type_desc in _TRANSFERS:
            continue
        found = _straggler(r) if r.outcome == "success" else _hang(r)
        if found is not None:
            yield found


def _straggler(r: Running) -> Finding | None:
    took = r.until_ts - r.execute_ts
    if r.peers < STRAGGLER_PEERS or not r.longest_peer_s or not r.mean_peer_s or took < r.longest_peer_s:
        return None
    others = (r.mean_peer_s * r.peers - took) / (r.peers - 1)
    if took <= max(STRAGGLER_S, STRAGGLER_FACTOR * max(others, 1.0)):
        return None
    where = f" It ran on {r.slot}." if r.slot else ""
    return Finding("straggler", f"It ran {took:.0f} s; the {r.peers - 1} others of its kind took {others:.0f} s on "
                   f"average.{where}", r.path, r.until_ts, True)  # fmt: skip


def _hang(r: Running) -> Finding | None:
    took = r.until_ts - r.execute_ts
    longest = r.longest_peer_s if r.peers else None
    if longest:
        limit = max(HANG_S, HANG_FACTOR * longest)
    elif r.longest_any_s:
        limit = max(ALONE_S, ALONE_FACTOR * r.longest_any_s)
    else:
        return None
    if took <= limit:
        return None
    how = "It ran" if r.removed else "It has run"
    peers = f"the longest of its kind took {longest:.0f} s" if longest else "no other job took nearly as long"
    return Finding("hang", f"{how} {took:.0f} s without an end; {peers}.", r.path, r.until_ts)
