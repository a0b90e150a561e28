"""Reproduction of the published results: the study, its results, and the verdicts on the claims."""
