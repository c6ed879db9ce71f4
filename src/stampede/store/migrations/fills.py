"""Values that a revision fills in and that SQL cannot work out. Each can be run again after it was broken off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from stampede.model.wording import alike
from stampede.store.connection import Connection
from stampede.store.partial import FAILED

_PORTION: Final = 500
_UNWORDED: Final = f"""
SELECT i.job_instance_id, j.exec_job_id, i.stdout_text, i.stderr_text, i.hold_reason, i.remove_reason
FROM (SELECT * FROM job_instance WHERE {FAILED} AND alike IS NULL AND job_instance_id > ?
      ORDER BY job_instance_id LIMIT {_PORTION}) i
JOIN job j ON j.job_id = i.job_id ORDER BY i.job_instance_id
"""


def _alike(connection: Connection) -> None:
    """What tries that failed alike have in common, from what they printed and what was said of them."""
    last = 0
    while rows := connection.execute(_UNWORDED, (last,)).fetchall():
        last = rows[-1][0]
        connection.executemany(
            "UPDATE job_instance SET alike = ? WHERE job_instance_id = ?",
            [(alike(name, out, err, *reasons), key) for key, name, out, err, *reasons in rows],
        )


FILLS: Final[dict[str, Callable[[Connection], None]]] = {"alike": _alike}
