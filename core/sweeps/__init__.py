"""Hyperparameter studies: what varies, which trials run, and what they show."""
