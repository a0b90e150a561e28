"""The Runs pane: every training on disk."""
