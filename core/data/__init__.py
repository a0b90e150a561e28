"""Data sets: search, download, validated reading, splits, augmentation and normalisation."""
