"""Benchmarks of the network against PyTorch and against its bare matrix products."""
