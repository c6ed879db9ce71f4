"""What Pegasus leaves in a submit directory: the records its jobs wrote, and the files its planner wrote.

Jobs: :func:`~stampede.sources.pegasus.joboutput.parse_output` reads a whole ``.out`` file (kickstart records of every
age, cluster lines, multipart blocks, monitoring payloads), ``pegasuslite`` a ``.err`` file, ``metadata`` a ``.meta``.
Planner: ``braindump``, ``submit_file``, ``cluster`` (the ``.in`` file) and ``metadata``.

Every reader takes bytes (or the path of a small file), never raises on content, and tells what it could not read as
:class:`~stampede.sources.pegasus.records.RecordProblem` with a byte offset.
"""
