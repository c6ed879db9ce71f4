"""Processes that answer questions for the one that serves, so that all cores take part.

::

    service (event loop) ── Work, pickled ──► reader (threads, SQLite)      forked by the nursery, a process that was
            ▲                                    │                          forked itself before there were threads
            └────────────── Answer, bytes ───────┘

=============  =====================================================================================================
``messages``   what goes over a lane: work, answers, errors
``nursery``    the process that forks readers
``reader``     what a reader does
``lane``       a line to a reader, as the event loop has it
``crew``       the readers of a service: who gets the next question, and what happens when one dies
=============  =====================================================================================================

Sessions, limits, answers that are kept, the live stream, events in and the audit log are of the process that serves,
and of no other.
"""
