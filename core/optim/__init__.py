"""Gradient descent and learning-rate schedules, on plain numbers and flat vectors."""
