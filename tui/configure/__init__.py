"""The Configure pane: architecture and schedule before a run."""
