"""WHAT TO DO NEXT: whether to try a job again, where to run, and what to ask for; for scripts as much as for people."""
