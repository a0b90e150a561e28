"""The engine: convolutional networks in NumPy, their data and training; no user interface."""
