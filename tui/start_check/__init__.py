"""The screen of the check before a training."""
