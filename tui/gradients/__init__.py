"""The Gradients pane: every analytical gradient against a reference."""
