"""The screen of the learning-rate range test."""
