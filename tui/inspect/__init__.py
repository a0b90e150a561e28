"""What a trained network says of images, on the whole screen."""
