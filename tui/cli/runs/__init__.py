"""`convsole runs`: lists, shows and deletes saved runs."""
