"""Where all tries ran, whether they failed or not: what a share of failures has to be held against."""

from __future__ import annotations

import msgspec

from stampede.model.machine import machine
from stampede.store.reader import Reader

#: tries from which on a workflow is too large to look at every try
LARGE = 200_000
#: tries counted one by one; of more than that, so many are looked at, evenly spread
_WHOLE = 20_000
_SAMPLE = 5_000
#: a sample in which fewer are of these workflows says nothing: the database is full of others
_ENOUGH = 1_000

_SQL = """
SELECT i.slot, h.hostname, i.site,
       coalesce(j.transformation, (SELECT min(t.transformation) FROM task t WHERE t.job_id = j.job_id))
FROM {source} JOIN job j ON j.job_id = i.job_id LEFT JOIN host h ON h.host_id = i.host_id
WHERE j.wf_id IN ({ids})
"""
_STEPS = """(WITH RECURSIVE n(id) AS (SELECT {first} UNION ALL SELECT id + {step} FROM n WHERE id + {step} <= {last})
 SELECT id FROM n) n CROSS JOIN job_instance i ON i.job_instance_id = n.id"""


class Spread(msgspec.Struct):
    """How many tries were looked at (``sampled``: not all of them), and how many of those by place and kind."""

    tries: int = 0
    sampled: bool = False
    hosts: dict[str, int] = {}
    sites: dict[str, int] = {}
    transformations: dict[str, int] = {}


def steps(reader: Reader) -> str:
    """What to put into FROM for a sample of the job instances ``i`` of the database, evenly spread."""
    first, last = reader.one("SELECT min(job_instance_id), max(job_instance_id) FROM job_instance") or (0, 0)
    return _STEPS.format(first=first or 0, last=last or 0, step=max(((last or 0) - (first or 0)) // _SAMPLE, 1))


def spread(reader: Reader, ids: str, tries: int) -> Spread:
    """Count the tries of the workflows by machine, site and transformation; there are about ``tries`` of them."""
    if tries > _WHOLE:
        found = _counted(reader, steps(reader), ids)
        if found.tries >= _ENOUGH:
            found.sampled = True
            return found
    return _counted(reader, "job_instance i", ids)


def _counted(reader: Reader, source: str, ids: str) -> Spread:
    found = Spread()
    for slot, hostname, site, transformation in reader.iterate(_SQL.format(source=source, ids=ids)):
        found.tries += 1
        host = machine(slot, hostname)
        for value, counts in ((host, found.hosts), (site, found.sites), (transformation, found.transformations)):
            if value:
                counts[value] = counts.get(value, 0) + 1
    return found
