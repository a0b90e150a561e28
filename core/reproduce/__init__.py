"""The published results done again: what is run, what it gave, and whether the claims hold."""
