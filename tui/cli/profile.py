"""`convsole profile`: the time of an update, layer by layer."""

from tui import exit_codes
from tui.cli import say
from tui.cli.options import ChangesOption, ConfigArgument, DataOption, JsonOption, PresetOption
from tui.cli.table import print_table


@say.faults_in_one_sentence()
def profile(
    config: ConfigArgument = None,
    preset: PresetOption = None,
    changes: ChangesOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show where the time of an update goes, layer by layer."""
    from core.benchmark import profile as profiles
    from core.benchmark import tables
    from core.runs.folder import refuse_beside_training
    from core.training.control import Control
    from tui.cli import inputs

    experiment = inputs.experiment(config, preset, changes or [])
    refuse_beside_training()
    control = Control()
    with inputs.signals(control):
        profiled = profiles.profile(experiment, data, cancelled=lambda: control.stopping)
    if profiled is None:
        raise SystemExit(exit_codes.INTERRUPTED)
    if as_json:
        say.json_line(profiled.as_dict())
        return
    title = f"{profiled.name}: one update of {profiled.batch_size} images on one thread, medians"
    print_table(title, tables.PROFILE_HEADINGS, tables.profile_lines(profiled))
