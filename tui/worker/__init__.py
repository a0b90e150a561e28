"""The worker thread, its jobs, and the messages that they post to the app."""
