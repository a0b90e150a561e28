"""The widgets around the panes."""
