"""What a kept network says of images, how well it does, and how it leaves this program."""
