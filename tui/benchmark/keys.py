"""The keys of the Benchmark pane."""

from textual.binding import Binding, BindingType

BENCH_KEYS: list[BindingType] = [
    Binding(
        "m",
        "measure",
        "Measure",
        id="benchmark.measure",
        tooltip="Measure the chosen architectures; x cancels, and keeps what is done",
    ),
    Binding(
        "c",
        "compare",
        "Compare",
        id="benchmark.compare",
        tooltip="Lay an earlier result beside this one; once more takes the one before it",
    ),
    Binding(
        "e",
        "export",
        "Export",
        id="benchmark.export",
        tooltip="Write the result as a table, a page and a picture",
    ),
    Binding(
        "u",
        "undo",
        "Undo",
        show=False,
        id="benchmark.undo",
        tooltip="Take the last change of a setting back",
    ),
    Binding(
        "U,ctrl+y",
        "redo",
        "Redo",
        show=False,
        id="benchmark.redo",
        tooltip="Bring back what was undone",
    ),
]
