"""Studies in the store of runs: what a study is, its trials, and what they came to."""
