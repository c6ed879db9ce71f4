"""Workflows that run while they are watched, and how late a reader of the database learns of it.

::

    plans ── submit directories: DAG, planner's events, submit files
    simulation ── a small DAGMan: the lines that it would write next (their forms are in ``lines``)
    writer ── a process that appends them to dagman.out at a pace, and knows when it wrote each
    reader ── a process that looks for new rows all the time, and knows when it saw each
    trial ── starts these two and ``stampede watch`` (``processes``), and puts their records together (``lag``)
    cases ── the measurements
"""
