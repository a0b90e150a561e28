"""The key map: what each key means in the whole app, its file, and the lists made of it."""
