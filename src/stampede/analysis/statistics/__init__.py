"""What the sums of ``query.statistics`` mean: counts of outcomes, walls, phases, percentiles, efficiency, retries.

========================  ==========================================================================
:mod:`.outcomes`          tasks, jobs and sub-workflows by how they ended, and how long workflows took
:mod:`.spread`            mean and percentiles
:mod:`.phases`            where the time of jobs went
:mod:`.groups`            tries by type, transformation or site: outcomes, time, efficiency, cost of retries
:mod:`.transformations`   invocations by transformation
:mod:`.calendar`          what began on which day, in which hour, on which machine
:mod:`.report`            all of it, of one workflow or of many
========================  ==========================================================================

Pure functions; sums of several databases are put together here.
"""
