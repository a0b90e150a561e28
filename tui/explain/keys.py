"""The keys of the Explain pane."""

from textual.binding import BindingType

from tui.keymap.bindings import bind

EXPLAIN_KEYS: list[BindingType] = [
    bind("open", "into", "Into", "Go into the value: to what adds most to it", show=True),
    bind("back", "back", "Back", "Go back to the value that this one goes into", show=True),
    bind("whole", "whole", "Overview", "Show all channels at a glance, or one large", show=True),
    bind("largest", "largest", "Largest", "Go to the highest value of the picture, from there to "
         "that of the layer; of gradients and weights, to the one furthest from 0"),
    bind("start", "start", "Trace", "Run the network anew: with what Configure shows now, or with "
         "the latest weights of the run", show=True),
    bind("view", "turn", "Gradients", "Show gradients instead of values, or values again",
         show=True),
    bind("parameters", "parameters", "Weights", "Show the weights and biases of the layer one "
         "after the other, with what the next update makes of them, at the end of a training what "
         "the last one made", show=True),
    bind("next_image", "image(1)", "Image", "Show the next image of the test set", show=True),
    bind("image_before", "image(-1)", "Image before", "Show the image before"),
    bind("alike", "alike", "Alike", "Show the next image of the same class"),
    bind("class", "next_class", "Class", "Show the next image of another class"),
    bind("mistake", "mistake", "Mistake", "Show the next image that the network gets wrong"),
    bind("input", "input", "Input", "Show noise instead of an image, or the mean image, or the "
         "image again"),
    bind("picture", "picture", "Picture", "Open a picture file instead of an image of the set"),
    bind("weights", "weights", "Moment", "Take other weights: untrained ones as Configure shows "
         "them, the last of the run, its best"),
    bind("earlier", "moment(-1)", "Earlier", "Take the weights before, in the order of the "
         "training; the setting kept_checkpoints keeps some over a run"),
    bind("later", "moment(1)", "Later", "Take the weights after these"),
    bind("play", "play", "Play", "Show how it came to be: take all weights of the run, one after "
         "the other; again to stop"),
    bind("learn", "learn", "Learn", "Try one step of learning on this image alone, and see what "
         "it moves; it is thrown away afterwards"),
    bind("undo", "undo", "Undo", "Take the last of the tried steps back"),
    bind("batch", "batch", "Batch", "Run the image as part of the next batch of the training, "
         "with dropout and the statistics of the batch, or alone"),
    bind("quantity", "quantity", "Quantity", "Differentiate the logit of the likeliest class of "
         "every image, or the one under the cursor, instead of the loss"),
    bind("sort", "sort", "Order", "List the products by size, or in the order of the window"),
    bind("export", "export", "Export", "Write the value with its window and products as a PNG",
         show=True),
]  # fmt: skip

MAP_KEYS: list[BindingType] = [
    bind("up", "move(-1, 0)", "Up", "Go one place up"),
    bind("down", "move(1, 0)", "Down", "Go one place down"),
    bind("left", "move(0, -1)", "Left", "Go one place to the left"),
    bind("right", "move(0, 1)", "Right", "Go one place to the right"),
    bind("page_up", "channel(-1)", "Channel before", "Show the channel before"),
    bind("page_down", "channel(1)", "Next channel", "Show the next channel"),
    bind("first", "corner(-1)", "First", "Go to the first place"),
    bind("last", "corner(1)", "Last", "Go to the last place"),
]  # fmt: skip
