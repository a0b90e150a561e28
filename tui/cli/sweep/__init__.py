"""`convsole sweep`: runs studies of settings, lists and shows them, stops them, writes them."""
