"""How far a workflow is, when it ends, and what limits it: pure functions over what is left of it.

::

    query.remaining ─► durations ─┐
                       delays ────┼─► simulation (≤ 1,000 nodes left) ─┐
                       slots ─────┘   bound (more)  ───────────────────┴─► forecast_end ─► progress ─► limits

The forecast is a median and an interval that is meant to hold the true end four times in five; ``bench/eta`` measures
whether it does.
"""
