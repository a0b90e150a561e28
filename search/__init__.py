"""The hyperparameter search for the shipped recipes, on validation images, with its records."""
