"""Stress tests of the guarantees on runs: kills, damage, full disks, concurrency, hostile files."""
