"""Dialogs that several parts of the app share."""
