"""What differs between two runs of a workflow, or a run and its past, beyond noise; pure functions over
:class:`stampede.query.run_facts.RunFacts`."""
