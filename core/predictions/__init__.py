"""What a saved network says of images, and how well it does."""
