"""The kinds of layer: one file each with all that the rest of the program needs to know of it."""
