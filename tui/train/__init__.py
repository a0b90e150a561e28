"""The Train pane: a training as it goes on."""
