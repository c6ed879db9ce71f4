"""The service: every answer over HTTP.

::

    connection (wire) ─► guard ─► app ─► routes ─► a handler ─► Answers: kept? ─► thread: Databases ─► query, analysis
                                                         └────────────► bytes, by the form that was asked for

===============  =====================================================================================================
``settings``     everything that can be set, on one screen
``app``          the application, put together
``routes``       every path, on one page
``databases``    which databases are served, who lies where, readers
``visitor``      who asks, and what they may see
``problems``     every error in one shape (RFC 9457)
``live``         what is new, as server-sent events
``intake``       events in: each batch stored once; ``unpacking`` their bodies
``serving``      the process: what has to be so before it starts, guard and application together, its end
``port``         the address that is listened on, and who has it when it is taken
``wire``         connections, and what is too long or too slow on them
``guard``        who is let in, to what, how often; what is written down about it
``login``        how a browser logs in and out
``alive``        ``/healthz`` and ``/readyz``
``figures``      what the process counts about itself; ``metrics`` tells it, as ``openmetrics``
``logs``         what it says while it runs
``running``      which services of the user run
===============  =====================================================================================================
"""
