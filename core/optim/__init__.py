"""Stochastic gradient descent and learning-rate schedules."""
