"""The sub-commands: the same work as in the app, without a screen."""
