"""WHERE EVENTS COME FROM: submit directories, event files, job event logs.

A source is an iterator of batches (``base.Batch``) and needs nothing but a folder: it knows neither the database nor
who asks. ``open_source`` in ``sources.base`` decides what a path is.
"""
