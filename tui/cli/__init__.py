"""The command line: one file for each command, a folder for a group of several.

All of them are imported for `convsole --help` and for the start of the app. So that neither becomes
slower with what commands compute, almost all of `core` is imported in the functions that need it,
and at the top of a file for the type checker alone.
"""
