"""The Reproduce pane: the published results again."""
