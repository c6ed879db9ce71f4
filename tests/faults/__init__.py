"""The fault lab: ``stampede watch`` as a process beside runs that are played back, and what the world does to it.

::

    script  ── a finished directory, taken apart into lines and files in the order of their time
    player  ── plays it: the directory comes into being again, log line by log line
    watcher ── the process under test: started, stopped, killed
    lab     ── a room with all three, and the clock that tells how long a recovery took
    compare ── the database beside that of an undisturbed load: rows lost, rows doubled
    faults_*── what is done: one function a fault, all of them in ``catalogue``
    table   ── what came of it

``STAMPEDE_FAULTS_KILLS`` says how often the watch is killed in all (40); ``python -m tests.faults.table`` plays the
long form and prints the table as Markdown. ``STAMPEDE_FAULTS_ROOMS``: so many faults happen at a time (three a core).
"""
