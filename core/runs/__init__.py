"""Runs on disk: how they are recorded, read, resumed, compared and repaired."""
