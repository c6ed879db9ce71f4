"""How well the shipped forecast does on recorded workflows that fail or do not (the format of failsim)."""
