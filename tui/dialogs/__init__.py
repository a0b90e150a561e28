"""Dialogs that more than one part of the app opens."""
