"""The Sweeps pane, which makes, runs and shows studies of settings."""
