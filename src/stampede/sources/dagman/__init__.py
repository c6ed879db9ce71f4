"""HTCondor DAGMan's files: the DAG, dagman.out, job event logs, rescue files, metrics; the state machine over them."""
