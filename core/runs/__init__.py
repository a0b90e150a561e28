"""Runs on disk: recording, reading, resuming, comparing and repairing them."""
