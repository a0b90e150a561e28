"""The Explain pane: one image through the network, value by value, forward and back."""
