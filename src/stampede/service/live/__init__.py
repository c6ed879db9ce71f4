"""The live stream: what is new in databases, to many listeners at once (server-sent events).

::

    database ─► Follower (a thread a database) ─► Hub ─► a channel for each wish ─► Listener: a bounded queue ─► client
         ▲                                                                              │ too slow, or come back
         └──────────────────────────── read on from a place ◄───────────────────────────┘

``places``    what an event's id says: places in databases
``wishes``    what a listener wants to hear
``frames``    changes as bytes of a stream, encoded once for all who hear them
``follower``  notices changes of a database and reads them
``hub``       hands them to those who want them
``listener``  one client: from the database what it missed, then what comes
``stream``    the paths of it
"""
