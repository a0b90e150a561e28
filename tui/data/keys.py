"""The keys of the Data pane."""

from textual.binding import BindingType

from tui.keymap.bindings import bind

DATA_KEYS: list[BindingType] = [
    bind("view", "next_split", "Split", "Show the next split: training, validation, test",
         show=True),
    bind("class", "next_class", "Class", "Show the images of the next class only, and after the "
         "last those of all", show=True),
    bind("filter", "find", "Find", "Go to an image by its number, or show only one class by its "
         "name"),
    bind("more", "zoom(1)", "Smaller", "Show more pictures, each of them smaller"),
    bind("fewer", "zoom(-1)", "Larger", "Show fewer pictures, each of them larger"),
    bind("export", "export", "Export", "Write the pictures that are shown as a PNG", show=True),
    bind("close", "close", "Back", "Go back from the copies of one image to all images",
         show=True),
    bind("fold", "fold", "Numbers", "Show classes and numbers, or the pictures alone; where there "
         "is no room beside the pictures, instead of them"),
]  # fmt: skip

SHEET_KEYS: list[BindingType] = [
    bind("open", "open", "Copies", "Show the copies of this image that a training with the "
         "settings of Configure makes", show=True),
    bind("left", "step(-1, 0)", "Image before", "Go to the image before"),
    bind("right", "step(1, 0)", "Next image", "Go to the next image"),
    bind("up", "step(0, -1)", "Up", "Go one row of images up"),
    bind("down", "step(0, 1)", "Down", "Go one row of images down"),
    bind("page_up", "page(-1)", "Page before", "Show the page before"),
    bind("page_down", "page(1)", "Next page", "Show the next page"),
    bind("first", "end(-1)", "First", "Go to the first image"),
    bind("last", "end(1)", "Last", "Go to the last image"),
]  # fmt: skip
