"""Benchmarks of the app: start-up time, memory, and the cost of the screen."""
