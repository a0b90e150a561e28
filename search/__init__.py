"""How the settings of the shipped recipes were chosen: on validation images, and on record."""
