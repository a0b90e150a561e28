"""Predictions of saved networks, their evaluation, and the export of networks and histories."""
