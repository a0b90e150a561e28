"""What describes a run: its architecture, its settings, the files they stand in, the presets."""
