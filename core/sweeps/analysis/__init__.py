"""What a study has come to: its trials as a table, curves, and what mattered."""
