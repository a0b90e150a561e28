"""Questions and help that stand in front of the panes."""
