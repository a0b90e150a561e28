"""The keys that work in every pane, as a table."""

from textual.binding import Binding, BindingType

KEYS: list[BindingType] = [
    Binding(
        "1",
        "show('configure')",
        "Configure",
        show=False,
        id="app.configure",
        tooltip="Set what will run: preset, settings, layers",
    ),
    Binding(
        "2", "show('train')", "Train", show=False, id="app.train", tooltip="Watch the training"
    ),
    Binding(
        "3",
        "show('gradients')",
        "Gradients",
        show=False,
        id="app.gradients",
        tooltip="Hold every gradient against an independent reference",
    ),
    Binding(
        "4",
        "show('benchmark')",
        "Benchmark",
        show=False,
        id="app.benchmark",
        tooltip="Measure the speed beside PyTorch, and see where the time goes",
    ),
    Binding(
        "5",
        "show('runs')",
        "Runs",
        show=False,
        id="app.runs",
        tooltip="Compare, resume and look up what was trained",
    ),
    Binding(
        "6",
        "show('reproduce')",
        "Reproduce",
        show=False,
        id="app.reproduce",
        tooltip="Run the published results again, and see which claims hold",
    ),
    Binding("s", "start", "Start", id="app.start", tooltip="Train what Configure shows"),
    Binding(
        "p",
        "pause",
        "Pause",
        id="app.pause",
        tooltip="Let the training wait before its next update",
    ),
    Binding("p", "resume", "Go on", id="app.resume", tooltip="Let the training go on"),
    Binding(
        "x",
        "stop",
        "Stop",
        id="app.stop",
        tooltip="End what runs; what there is of a training is kept",
    ),
    Binding(
        "ctrl+t",
        "switch_theme",
        "Light or dark",
        show=False,
        id="app.theme",
        tooltip="Change between the dark and the light theme",
    ),
    Binding(
        "question_mark",
        "help",
        "Keys",
        key_display="?",
        id="app.help",
        tooltip="Show every key that works here",
    ),
    Binding("q", "quit", "Quit", id="app.quit", tooltip="Leave; asks first while something runs"),
    Binding(
        "ctrl+q",
        "quit",
        "Quit",
        show=False,
        priority=True,
        id="app.quit_anywhere",
        tooltip="Leave, even while typing",
    ),
]
