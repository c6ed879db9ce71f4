"""What tries have in common, as SQL over tries ``i`` and jobs ``j``."""

from __future__ import annotations

from typing import Final

from stampede.store.blocks import TRANSFORMATION as TRANSFORMATION  # that of the sums that are kept

#: a machine, or a slot of one
HOST: Final = (
    "coalesce((SELECT nullif(h.hostname, 'unknown') FROM host h WHERE h.host_id = i.host_id), "
    "i.slot, i.site, 'unknown')"
)  # fmt: skip
#: all that have no row of their own
OTHERS: Final = "all others"
