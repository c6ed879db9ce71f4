"""WHAT IT MEANS: judgements over query answers. Pure: no database, no files, no clock (time is passed in)."""
