"""States of tries in partitions of a month each, on PostgreSQL (decision 32).

``month`` says which times a month has, ``standing`` how a database lies, ``statements`` what leads to another layout,
``work`` runs that, and ``verbs`` is what ``stampede db partition`` does.

What is laid out by months has a partition for the rest, too, so that no state is refused, whatever its time; from there
rows are moved when their month is made. The loader and all questions know nothing of it.
"""
