"""The keys of the Explain pane."""

from textual.binding import BindingType

from tui.keymap.bindings import bind

EXPLAIN_KEYS: list[BindingType] = [
    bind("start", "start", "Trace", "Run the network anew: with what Configure shows now, or with "
         "the latest weights of the run", show=True),
    bind("view", "turn", "Gradients", "Show gradients instead of values, or values again",
         show=True),
    bind("next_image", "image(1)", "Image", "Show the next image of the test set", show=True),
    bind("image_before", "image(-1)", "Image before", "Show the image before"),
    bind("class", "next_class", "Class", "Show the next image of another class"),
    bind("mistake", "mistake", "Mistake", "Show the next image that the network gets wrong"),
    bind("weights", "weights", "Weights", "Show the next of the weights: untrained, last, best"),
    bind("batch", "batch", "Batch", "Run the image as part of the next batch of the training, "
         "with dropout and the statistics of the batch, or alone"),
    bind("picture", "picture", "Picture", "Open a picture file instead of an image of the set"),
    bind("sort", "sort", "Order", "List the products by size, or in the order of the window"),
    bind("export", "export", "Export", "Write the value with its window and products as a PNG",
         show=True),
]  # fmt: skip

MAP_KEYS: list[BindingType] = [
    bind("open", "into", "Into", "Go into the value: to what adds most to it", show=True),
    bind("back", "back", "Back", "Go back to the value that this one goes into", show=True),
    bind("up", "move(-1, 0)", "Up", "Go one place up"),
    bind("down", "move(1, 0)", "Down", "Go one place down"),
    bind("left", "move(0, -1)", "Left", "Go one place to the left"),
    bind("right", "move(0, 1)", "Right", "Go one place to the right"),
    bind("page_up", "channel(-1)", "Channel before", "Show the channel before"),
    bind("page_down", "channel(1)", "Next channel", "Show the next channel"),
    bind("first", "corner(-1)", "First", "Go to the first place"),
    bind("last", "corner(1)", "Last", "Go to the last place"),
]  # fmt: skip
