"""Ten questions to the same runs in databases and in an archive."""
