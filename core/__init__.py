"""The engine: a convolutional network in NumPy, its data and its training. Knows no screen."""
