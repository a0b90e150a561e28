"""Which examples Hypothesis draws: the same in every run, and new ones for `make fuzz`."""

from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers


def install() -> None:
    """Make the profiles `same` and `fuzz`, and load the first; `--hypothesis-profile` changes it.

    `fuzz` keeps what failed in `.hypothesis`, and tries that first the next time. `same` neither
    reads nor writes there.
    """
    # Named, because Hypothesis begins with another one where the variable CI is set. Other tests
    # run beside these on shared machines, so time proves nothing.
    settings.register_profile(
        "fuzz",
        settings.get_profile("default"),
        deadline=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
    settings.register_profile("same", settings.get_profile("fuzz"), derandomize=True)
    settings.load_profile("same")
    _draw_nothing_from_modules()


def _draw_nothing_from_modules() -> None:
    """Keep constants of this project out of what `same` draws.

    Hypothesis takes some from every module that is there by then, which depends on the tests that
    ran before in the same process: a test alone would draw otherwise than among the others.
    """
    found = getattr(providers, "_get_local_constants", None)
    if found is not None:
        none = providers._local_constants
        providers._get_local_constants = lambda: (
            found() if settings.get_current_profile_name() == "fuzz" else none
        )
