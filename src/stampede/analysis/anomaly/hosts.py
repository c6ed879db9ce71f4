"""The evidence of a run, pooled by host: the fault sits in a host, not in a job.

Each job adds its deviations to the pool of its host. A host is compared with the past (its own mean) and with its
neighbours, the hosts on the same machine, or all others of the run where none are known: what all of them share is the
machine's doing and does not speak against one. Both are squashed, so that one wild quantity cannot outvote the others,
and weighed by how many jobs stand behind them.
"""

from __future__ import annotations

from math import sqrt, tanh
from typing import Final

from stampede.analysis.anomaly.observation import CPU, DURATION, EFFORT, QUANTITIES, STAGING, WAITING, neighbourhood

#: a pool counts as if so many unsuspicious jobs had been in it before
_PRIOR: Final = 0.5
_NEIGHBOURS_PRIOR: Final = 1.0
#: spreads at which evidence is worth three quarters of its most
_PAST_SCALE: Final = 1.5
_PEER_SCALE: Final = 2.0


class Pool:
    """Sums of the deviations of jobs."""

    __slots__ = ("jobs", "slow", "sums")

    def __init__(self) -> None:
        self.jobs = 0
        #: jobs that were slow by themselves
        self.slow = 0
        self.sums = [0.0] * len(QUANTITIES)


class HostPool(Pool):
    """The jobs of a run on a host, and the pool of its neighbours (which contains it)."""

    __slots__ = ("neighbours", "told")

    def __init__(self, neighbours: Pool) -> None:
        super().__init__()
        self.neighbours = neighbours
        #: jobs when it was last reported
        self.told = 0


class RunPools:
    """The hosts of one run. Memory grows with hosts, not with jobs."""

    def __init__(self) -> None:
        self.hosts: dict[str, HostPool] = {}
        self._machines: dict[str, Pool] = {}
        self.all = Pool()

    def add(self, host: str, deviations: list[float], slow: bool) -> HostPool:
        """Take in a job; the pool of its host."""
        pool = self.hosts.get(host)
        if pool is None:
            machine = neighbourhood(host)
            shared = self.all if machine == host else self._machines.setdefault(machine, Pool())
            pool = self.hosts[host] = HostPool(shared)
        neighbours = pool.neighbours
        pool.jobs += 1
        pool.slow += slow
        neighbours.jobs += 1
        neighbours.slow += slow
        sums, others = pool.sums, neighbours.sums
        for q, z in enumerate(deviations):
            sums[q] += z
            others[q] += z
        return pool


def evidence(pool: HostPool) -> tuple[float, float]:
    """How strange a host is, and how slow.

    The first ranks: from about -8 to 8, with what its neighbours share counted less. The second decides: the mean
    number of spreads by which its jobs took longer than usual, whoever's fault that is.
    """
    n, sums = pool.jobs, pool.sums
    neighbours = pool.neighbours
    shared = neighbours.sums
    others = neighbours.jobs - n + _NEIGHBOURS_PRIOR
    n_prior = n + _PRIOR
    strange = 0.0
    for q in (WAITING, EFFORT, CPU, STAGING):
        past = sums[q] / n_prior
        peers = past - (shared[q] - sums[q]) / others
        if q == CPU:  # fewer processors make programs use less time, or more: both are strange
            past, peers = abs(past), abs(peers)
        strange += tanh(past / _PAST_SCALE) + tanh(peers / _PEER_SCALE)
    slow = (sums[DURATION] + sums[EFFORT] + sums[STAGING]) / (3.0 * n_prior)
    return strange * sqrt(n / (n + 1.0)), slow
