"""The Textual app and the command line, which present and control what `core` computes."""
