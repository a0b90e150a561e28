"""The Reproduce pane, which reproduces the published results."""
