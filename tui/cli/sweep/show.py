"""`convsole sweep show`: the trials of a study, the best first."""

from core import format as fmt
from tui.cli import say
from tui.cli.options import JsonOption
from tui.cli.runs.text import when
from tui.cli.sweep.options import StudyArgument
from tui.cli.table import output


@say.faults_in_one_sentence()
def show(study: StudyArgument, as_json: JsonOption = False) -> None:
    """Show a study: what was tried, and what came of it."""
    from core.runs.session import store
    from core.sweeps.definition.study import Study
    from tui.cli.sweep import text
    from tui.cli.sweep.follow import best_text, result, run_id

    found = store().study(study)
    trials = text.as_they_stand(store().trials(found), store().is_at_work(found))
    tells = store().tells(found)
    if as_json:
        say.json_line(
            {
                **result(store(), found),
                "definition": found.definition,
                "all_trials": [
                    {
                        "trial": trial.number,
                        "seed": trial.seed,
                        "state": trial.state.label,
                        "reason": trial.reason,
                        "settings": trial.settings,
                        "run": run_id(store(), trial),
                        "rung": trial.rung,
                        "deaths": trial.deaths,
                        "validation_accuracy": trial.accuracy,
                        "best_validation_accuracy": trial.best,
                        "updates": trial.updates,
                        "seconds": trial.seconds,
                    }
                    for trial in trials
                ],
                "tells": [
                    {
                        "trial": tell.trial,
                        "seed": tell.seed,
                        "rung": tell.rung,
                        "update": tell.update,
                        "validation_accuracy": tell.accuracy,
                        "validation_loss": tell.loss,
                    }
                    for tell in tells
                ],
            }
        )
        return
    made = Study.of(found.definition)
    why = f": {found.reason}" if found.reason else ""
    say.line(f"{found.name}: {text.state(store(), found)}{why}")
    say.line(
        f"{made.sampler}, pruning {made.pruning.kind}, begun {when(found.created)}, "
        f"at work for {fmt.duration(found.seconds)}"
    )
    say.line(made.length_in_words())
    say.line(text.counted(trials))
    if best := best_text(store(), found, made):
        say.line(best)
    if trials:
        output(text.table(made, trials))
