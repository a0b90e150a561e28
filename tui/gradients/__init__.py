"""The Gradients pane, which compares every analytical gradient with a reference."""
