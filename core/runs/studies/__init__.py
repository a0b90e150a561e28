"""Studies of the run store: their records, their trials and what the trials reported."""
