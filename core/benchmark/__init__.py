"""How fast the hand-written network is, beside PyTorch and beside its own matrix products."""
