"""Panes: pictures of state. Attributes in, messages out."""
