"""The Benchmark pane: update times compared with PyTorch and the bare matrix products."""
