"""The pane that shows the images of the chosen data set, and their augmented copies."""
