"""What a study is: its parts as a file has them, and what varies between which bounds."""
