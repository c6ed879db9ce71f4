"""The shipped detector on recorded runs whose hosts were throttled on purpose (FlowBench).

::

    flowbench    the files: tries in the order in which they ended, and what was done to their hosts
    metrics      ROC-AUC, average precision
    trial        one workflow through ``stampede.analysis.anomaly``, and the figures
    case         all workflows of a folder, the means, the goal
"""
