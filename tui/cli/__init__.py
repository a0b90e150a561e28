"""The command line: one file for each command, or a folder for a group of them.

`convsole --help` and the start of the app import every command. NumPy and pydantic, and with them
almost all of `core`, take half a second: commands import them in the functions that need them, and
at the top for the type checker alone.
"""
