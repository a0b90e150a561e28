"""The trials of a study in the form in which Optuna takes them.

Optuna's own storage is in memory, and made anew for every question: what is recorded is in our
store alone.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.errors import UserError
from core.sweeps.definition.distributions import Choice, Distribution, Integer, Linear, Log

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.study import Study as OptunaStudy
    from optuna.trial import FrozenTrial, Trial

Space = Mapping[str, Distribution]


def check_installed() -> None:
    """Check that Optuna is installed.

    Raises:
        UserError: if not; the message says how to get it.
    """
    try:
        import optuna  # noqa: F401
    except ImportError:
        raise UserError(
            "TPE and importance need the package optuna; `pip install optuna` gets it, in the "
            "environment that Convsole runs in"
        ) from None


def new_study(tpe_seed: int | None = None) -> "OptunaStudy":
    """Return an empty study in memory, in which larger values are better.

    Args:
        tpe_seed: seed of TPE, which answers what the study is asked; None if it is not asked.

    Raises:
        UserError: if Optuna is not installed.
    """
    check_installed()
    import optuna

    sampler = None
    if tpe_seed is not None:
        sampler = optuna.samplers.TPESampler(
            seed=tpe_seed, n_startup_trials=0, multivariate=False, constant_liar=True
        )
    # It announces every study on the standard error stream, which is a screen here.
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna.create_study(direction="maximize", sampler=sampler)


def distribution(of: Distribution) -> "BaseDistribution":
    """Return a distribution as Optuna's; of a choice, the index of a value."""
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    match of:
        case Choice():
            return CategoricalDistribution(range(len(of.values)))
        case Integer():
            return IntDistribution(of.low, of.high, log=of.log)
        case Linear():
            return FloatDistribution(of.low, of.high, log=isinstance(of, Log))
    raise TypeError(f"{of.kind} has no counterpart in Optuna")


def encoded(space: Space, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that vary as values of Optuna's distributions."""
    return {
        name: each.values.index(settings[name]) if isinstance(each, Choice) else settings[name]
        for name, each in space.items()
        if name in settings
    }


def suggest(asked: "Trial", name: str, of: Distribution) -> Any:
    """Return the value that a sampler suggests for a setting of a trial that was asked for."""
    match of:
        case Choice():
            return of.values[asked.suggest_categorical(name, range(len(of.values)))]
        case Integer():
            return asked.suggest_int(name, of.low, of.high, log=of.log)
        case Linear():
            return of.rounded(asked.suggest_float(name, of.low, of.high, log=isinstance(of, Log)))
    raise TypeError(f"{of.kind} has no counterpart in Optuna")


def trial(
    space: Space, settings: Mapping[str, Any], values: Mapping[int, float | None], last: int
) -> "FrozenTrial":
    """Return a trial with its results.

    Args:
        space: what varies.
        settings: the settings of the trial.
        values: its accuracies by rung, None if it diverged; without any it counts as running.
        last: the rung at its end.
    """
    from optuna.trial import TrialState, create_trial

    params = encoded(space, settings)
    finite = {rung: accuracy for rung, accuracy in values.items() if accuracy is not None}
    diverged = len(finite) < len(values)
    state = TrialState.PRUNED if values else TrialState.RUNNING
    if last in values and not diverged:
        state = TrialState.COMPLETE
    return create_trial(
        state=state,
        value=values[last] if state is TrialState.COMPLETE else None,
        params=params,
        distributions={name: distribution(space[name]) for name in params},
        # Of a pruned trial without values Optuna thinks worst.
        intermediate_values={} if diverged else finite,
    )
