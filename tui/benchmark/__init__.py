"""The Benchmark pane: the speed beside PyTorch and the bare matrix products."""
