"""The Train pane, which shows the latest training."""
