"""`convsole runs`: what was trained, from the command line."""
