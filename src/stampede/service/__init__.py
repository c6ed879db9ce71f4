"""The service: every answer over HTTP.

::

    request ─► app (guards) ─► routes ─► a handler ─► Answers: kept? ─► thread: Databases ─► query, analysis
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
===============  =====================================================================================================
"""
