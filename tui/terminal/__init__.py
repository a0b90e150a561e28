"""Terminal input and output, and the restoration of the terminal's state."""
