"""The command line: one module for each command, a subpackage for a group of commands.

`convsole --help` and the start of the app import all of these modules. To keep both fast, most of
`core` is imported in the functions that need it, and at module level only for the type checker.
"""
