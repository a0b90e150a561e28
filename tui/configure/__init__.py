"""The Configure pane, which edits the settings of the next training."""
