"""The description of a run: architecture, settings, settings files and presets."""
