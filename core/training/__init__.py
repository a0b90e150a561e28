"""The loop that trains, what it tells and what it is told."""
