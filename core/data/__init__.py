"""Data sets: found, fetched, read with suspicion, split, transformed and normalised."""
