"""The network in NumPy: one layer per file, with its forward and backward pass."""
