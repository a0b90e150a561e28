"""What is kept of every training."""
