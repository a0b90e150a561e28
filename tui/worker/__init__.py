"""The worker thread, its jobs, and what they tell the screen."""
