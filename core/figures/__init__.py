"""Every figure, drawn with Matplotlib."""
