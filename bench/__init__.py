"""Measurements of the app as a program: start-up, memory, and what the screen costs."""
