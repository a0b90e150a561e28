"""What panes are made of: one widget, or one pure helper of widgets, a file."""
