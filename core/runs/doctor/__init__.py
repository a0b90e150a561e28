"""Damage to what is saved: found by `check`, repaired by `repair`."""
