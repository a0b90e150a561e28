"""The screen that shows the predictions and filters of a trained network."""
