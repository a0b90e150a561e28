"""How a study is carried out: which piece is next, who trains it, and every step on the disk."""
