"""The screen and the command line: pictures of what core does, and keys for it."""
