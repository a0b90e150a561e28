"""How a study stands at its end: finished or failed, and why in a sentence."""

from core import format as fmt
from core.runs.studies.records import StudyState, TrialState
from core.sweeps.execution.account import Account
from core.sweeps.execution.progress import planned

End = tuple[StudyState, str]
"""A state, and the reason as the record has it; empty if there is nothing to say."""


def by_request() -> End:
    """Return how a study ends that was stopped."""
    return StudyState.STOPPED, "it was stopped"


def of_time(account: Account, limit: float) -> End:
    """Return how a study ends whose time is over.

    Args:
        account: what is recorded of it.
        limit: its time in seconds.
    """
    time = f"{limit:g} s" if limit < 60 else fmt.duration(limit)
    over = sum(trial.over for trial in account.trials.values())
    if account.best() is None:
        why = f"its time of {time} was over before a trial was trained to its end"
        return StudyState.FAILED, why
    whole = planned(account.study, account.trials.values())
    if over == whole:
        return of_all(account)
    return (
        StudyState.FINISHED,
        f"its time of {time} ended it after {over:,} of {fmt.counted(whole, 'training')}",
    )


def of_all(account: Account) -> End:
    """Return how a study ends in which nothing is left to be trained."""
    if account.best() is not None:
        return StudyState.FINISHED, ""
    trials = account.trials.values()
    nothing = "no trial was trained to its end"
    if trials and all(trial.state is TrialState.DIVERGED for trial in trials):
        return StudyState.FAILED, f"{nothing}: all {len(trials):,} diverged"
    # The reason of a failure says more than that another diverged.
    failed = [trial.reason for trial in trials if trial.state is TrialState.FAILED]
    reasons = [*failed, *(trial.reason for trial in trials if trial.reason), "none began"]
    return StudyState.FAILED, f"{nothing}: {reasons[0]}"
