"""The rows of the form that makes a study: its own fields, and the settings that can vary."""

from dataclasses import dataclass

from core.config.experiment import FIELDS, Experiment
from core.settings import Setting
from core.sweeps.analysis.importance import FEWEST
from core.sweeps.analysis.labels import label
from core.sweeps.definition import layer_paths, names

ARCHITECTURE = layer_paths.WHOLE


@dataclass(frozen=True)
class Field:
    """One row of the form: a field of the study, or a setting that can vary."""

    name: str
    label: str
    group: str
    meaning: str
    setting: Setting | None = None
    """Of a setting that can vary; None for a field of the study or a whole architecture."""
    varies: bool = False
    """Whether it can vary."""


IMPORTANCE = f"importance needs {FEWEST} that are trained to the end"

OF_THE_STUDY = (
    ("name", "name", "Draws follow from it: a study of another name tries other settings"),
    ("trials", "trials", f"Choices of settings, each trained with the first seed; {IMPORTANCE}"),
    ("budget", "budget unit", "How much each trial trains is given in epochs or in updates"),
    ("amount", "each trains", "Of every trial, whatever its batch size"),
    ("hours", "at most", "Hours after which the study stops; empty for no limit"),
    ("sampler", "sampler", "How settings are drawn: at random, or by TPE, which looks at the "
     "results so far"),
    ("pruning", "pruning", "Which trials end early: none; all but the best at each rung; or those "
     f"below the median; {IMPORTANCE}"),
    ("first", "first rung", "Where trials are first compared, as a share of a trial; from 1 on, in "
     "updates"),
    ("factor", "factor", "One of how many trials goes on at a rung of halving"),
    ("finalists", "finalists", "Best trials, which are also trained with the other seeds"),
    ("seeds", "seeds", "The first is that of all trials, the others are for the finalists"),
    ("validation_size", "validation set", "Training images set aside to compare trials by"),
)  # fmt: skip
"""Name, label and meaning of the fields of the study."""


def of_the_study() -> list[Field]:
    """Return the rows of the study itself."""
    return [Field(name, label, "Study", meaning) for name, label, meaning in OF_THE_STUDY]


def of_the_settings(experiment: Experiment) -> list[Field]:
    """Return the settings that can vary, parts of the architecture first."""
    skipped = {*names.OF_THE_STUDY, *names.POINTLESS}
    found = [_part(experiment, path) for path in _paths(experiment)]
    whole = "The whole network; short forms such as 4x4/10/50"
    found.append(Field(ARCHITECTURE, label(ARCHITECTURE), "Network", whole, None, True))
    found += [
        Field(each.name, each.label, each.group or "Settings", each.meaning, each, True)
        for each in FIELDS
        if each.name not in skipped
    ]
    return found


def _paths(experiment: Experiment) -> list[str]:
    if experiment.short_form is not None:
        return [f"{layer_paths.PREFIX}{part}" for part in layer_paths.SHORT]
    found = []
    for number, layer in enumerate(experiment.architecture[:-1], 1):
        for part in ("filters", "units", "rate"):
            if isinstance(getattr(layer, part, None), int | float):
                found.append(f"{layer_paths.PREFIX}{number}.{part}")
    return found


def _part(experiment: Experiment, path: str) -> Field:
    setting = names.setting_of(experiment, path)
    meaning = setting.meaning if setting is not None else ""
    return Field(path, label(path), "Network", meaning, setting, True)
