"""Whether the hand-written gradients are right: a check against independent references."""
