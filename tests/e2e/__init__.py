"""Real DAGMan runs, watched while they run, beside what HTCondor itself says of them.

``pool`` finds a pool, ``dags`` writes what is run, ``stories`` says what happens to it, ``stage`` is where one story
happens, ``asking`` is Stampede as its user has it, ``agreement`` compares. All stories happen at once, in about three
minutes; ``pytest tests/e2e -k hold`` plays those of that name alone.
"""
