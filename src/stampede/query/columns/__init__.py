"""Pictures as columns: typed arrays of which a canvas draws at once, in the detail that it can show.

===============  ===================================================================================================
``frame``        what every answer is: a level of detail, facts, columns of equal length
``gantt``        single tries while a window has few (``bars``), else how many ran at once by lane (``lanes``)
``concurrency``  how many waited, were held and ran at once, and when nothing did
``axis``         time as bins, without times that are left out; ``levels`` how many of something there were in each
``tries``        which tries a picture is made of
``graph``        groups of jobs by transformation or level, or single jobs: all, or the neighbourhood of one
``failures``     the part of the graph where it failed
``nodes``        jobs as nodes, with their states and levels; ``groups`` how they are folded
===============  ===================================================================================================
"""

from stampede.query.columns.concurrency import concurrency
from stampede.query.columns.failures import failures
from stampede.query.columns.frame import Frame
from stampede.query.columns.gantt import gantt
from stampede.query.columns.graph import Fold, graph, neighbourhood, states

__all__ = ["Fold", "Frame", "concurrency", "failures", "gantt", "graph", "neighbourhood", "states"]
