"""Hypothesis profiles: the same examples in every run, and new ones for `make fuzz`."""

from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers


def install() -> None:
    """Register the profiles `same` and `fuzz`, and load `same`; see `--hypothesis-profile`.

    `fuzz` saves failed examples in `.hypothesis` and tries them first the next time. `same` neither
    reads nor writes that folder.
    """
    # Loaded explicitly, because Hypothesis uses another profile if the variable CI is set. Without
    # a deadline, because shared machines run other tests at the same time.
    settings.register_profile(
        "fuzz",
        settings.get_profile("default"),
        deadline=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
    settings.register_profile("same", settings.get_profile("fuzz"), derandomize=True)
    settings.load_profile("same")
    _exclude_module_constants()


def _exclude_module_constants() -> None:
    """Exclude constants of this project from the examples of `same`.

    Hypothesis uses constants of all imported modules, which depend on the tests that ran before in
    the same process: a single test would have other examples than the same test among others.
    """
    found = getattr(providers, "_get_local_constants", None)
    if found is not None:
        none = providers._local_constants
        providers._get_local_constants = lambda: (
            found() if settings.get_current_profile_name() == "fuzz" else none
        )
