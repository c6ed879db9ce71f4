"""Pictures as columns: typed arrays of which a canvas draws at once, in the detail that it can show.

============  ======================================================================================================
``frame``     what every answer is: a level of detail, facts, columns of equal length
``gantt``     single tries while a window has few, else lanes of how many waited and ran at once
``graph``     groups of jobs by transformation or level, or single jobs: all, or the neighbourhood of one
``failures``  the part of the graph where it failed
``nodes``     jobs as nodes, with their states and levels; ``groups``: how they are folded
============  ======================================================================================================
"""

from stampede.query.columns.failures import failures
from stampede.query.columns.frame import Frame
from stampede.query.columns.gantt import gantt
from stampede.query.columns.graph import Fold, graph, neighbourhood, states

__all__ = ["Fold", "Frame", "failures", "gantt", "graph", "neighbourhood", "states"]
