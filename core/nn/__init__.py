"""The network, on NumPy alone: one layer a file, forward beside backward."""
