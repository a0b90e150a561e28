"""The terminal: what comes from it is read, what goes to it is written, and it is given back."""
