"""The figures of a study: its trials as lines across axes, slices, importance, and curves."""
