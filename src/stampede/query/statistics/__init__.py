"""What workflows add up to: jobs, tasks, time, retries, resources.

========================  ==========================================================================
:mod:`.scope`             which workflows, and the kept sums of their blocks with those that are missing
:mod:`.workflows`         counts and runs of each workflow
:mod:`.tries`             tries by type, transformation, site and outcome: phases, resources, retries
:mod:`.invocations`       invocations by transformation and outcome
:mod:`.times`             tries and invocations by time and machine
:mod:`.integrity`         checks of files
:mod:`.jobs`              every try, one by one
========================  ==========================================================================

Sums are made by ``store.blocks``, whoever asks; what they mean is said in ``analysis.statistics``.
"""
