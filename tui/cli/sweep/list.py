"""`convsole sweep list`: all studies in a table."""

from core import format as fmt
from tui.cli import say
from tui.cli.options import JsonOption
from tui.cli.runs.text import accuracy, when
from tui.cli.table import print_table


@say.faults_in_one_sentence()
def list_studies(as_json: JsonOption = False) -> None:
    """List all studies, the newest first.

    The best is the validation accuracy of the best trial at its end, the mean over its seeds.
    """
    from core.runs.session import store
    from tui.cli.sweep.follow import result

    studies = store().studies()
    results = [result(store(), each) for each in studies]
    if as_json:
        say.json_line({"studies": results})
        return
    if not studies:
        say.note(f"there are no studies in {store().root}; `convsole sweep run` makes one")
        return
    rows = [
        [
            study.name,
            found["state"],
            f"{found['trials']:,}",
            f"{found['trainings']:,}",
            accuracy(found["best"] and found["best"]["validation_accuracy"]),
            str(found["best"]["seeds"]) if found["best"] else "",
            fmt.duration(study.seconds),
            when(study.created),
        ]
        for study, found in zip(studies, results, strict=True)
    ]
    headings = ["study", "state", "trials", "trainings", "best mean", "of seeds", "time", "begun"]
    print_table("", headings, rows, headings[1:])
