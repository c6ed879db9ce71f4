"""``faults``: servers of its own, and everything that can happen to them and to ours, at random.

::

    case (the series, its table) ─► laboratory (servers, networks, disks) ─► play (one run: a path, its faults, its end)

``network``  namespaces whose cables can be pulled   ``volume``  disks that can be full   ``servers``  what is killed
``process``  our processes, as a supervisor keeps them        ``meddler``  a man in the middle of a bus
``paths``    how events get into the database        ``kinds``  what is done to them     ``truth``  what has to be
"""
