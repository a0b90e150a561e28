"""Gradient checks of the hand-written backward passes against independent references."""
