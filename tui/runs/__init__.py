"""The Runs pane, which shows all saved runs."""
