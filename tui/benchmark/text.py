"""Texts about a benchmark: titles, progress, and the explanation of an architecture."""

from core import format as fmt
from core.benchmark import tables
from core.benchmark.measure import MIN_UPDATES
from core.benchmark.results import Benchmark, CaseResult, Timing
from core.benchmark.run import Progress
from core.benchmark.settings import BenchSettings
from tui.benchmark.measurement import BenchRun
from tui.keymap.keys import fill
from tui.worker.messages import JobState

LONGEST_PROGRESS = 62
"""Approximate width of the progress text in columns."""

KEYS = (
    "published: seconds of a run, NumPy : PyTorch, on other machines · "
    "{mark} marks · {mark_all} all · {sort} sorts",
    "published: seconds, other machines · {mark} marks · {mark_all} all · {sort} sorts",
    "{mark} marks · {mark_all} all · {sort} sorts",
    "{mark} marks · {sort} sorts",
)
"""Forms of the text below the table, from the longest to the shortest."""

WITHOUT = 2
"""Number of these forms that are about the published times, which narrow tables leave out."""


def titles(run: BenchRun | None, settings: BenchSettings, earlier: Benchmark | None) -> list[str]:
    """Return titles with settings and outcome, from the longest to the shortest."""
    if run is None:
        number = len(settings.architectures)
        chosen = f"{number} architecture{'s' * (number > 1)} marked"
        return [
            fill(f"Benchmark ─ {chosen}, {{start}} measures them"),
            f"Benchmark ─ {chosen}",
            "Benchmark",
        ]
    about = run.benchmark or run.settings
    quick = "quick look, " if about is not None and about.updates < MIN_UPDATES else ""
    head = f"{quick}ms per update, median"
    if run.reason is not None:
        return [f"{head}: ✗ not measured", "✗ not measured"]
    if run.benchmark is None:
        assert run.settings is not None
        count = f"{len(run.cases)} of {len(run.settings.architectures)} measured"
        return [f"{head} ─ {count}", f"{quick}{count}"]
    benchmark = run.benchmark
    what = f"{benchmark.threads} threads, {benchmark.updates} updates"
    when = _when(benchmark)
    sign = "■ cancelled, " if run.cancelled else ""
    beside = ""
    if earlier is not None:
        beside = f" · beside {'quick look of ' * earlier.quick}{_when(earlier)}"
    mean, best = tables.means(benchmark)
    ratios = [
        f"{ratio:.2f} x {whom}"
        for ratio, whom in ((mean, "PyTorch"), (best, "its best"))
        if ratio is not None
    ]
    if ratios and (why := tables.doubt(benchmark)):
        ratios.append(why)
    means = f" ─ geometric mean {', '.join(ratios)}" if ratios else ""
    brief = f" ─ mean {', '.join(ratios)}" if ratios else ""
    return [
        f"{sign}{head} ─ {what}, {when}{beside}{means}",
        f"{sign}{head} ─ {what}, {when}{beside}{brief}",
        f"{sign}{head} ─ {when}{beside}{brief}",
        f"{sign}{quick}{when}{beside}{brief}",
        f"{sign}{quick}{when}{beside}",
        f"{sign}{head}",
    ]


def _when(benchmark: Benchmark) -> str:
    return benchmark.started[:16].replace("T", " ") + " UTC"


def progress(
    run: BenchRun | None, making: str | None, state: JobState, at: Progress | None
) -> tuple[float, tuple[str, ...]]:
    """Return the progress from 0 to 1, and its texts from the longest to the shortest."""
    if state is JobState.STOPPING:
        return (at.share if at else 0.0), (state.value,)
    if making is not None:
        return 0.0, (f"times the layers of {making}",)
    if run is None:
        return 0.0, ("",)
    if run.running:
        if at is None:
            return 0.0, ("starts",)
        assert run.settings is not None
        count = f"{len(run.cases)} of {len(run.settings.architectures)} measured"
        share = fmt.percent(at.share, 0)
        if at.doing == "done":
            return at.share, (f"{count} · {share}", count)
        return at.share, (f"{at.arch}: {at.doing} · {count} · {share}", f"{at.arch} · {share}")
    if run.reason is not None:
        return 0.0, ("not measured",)
    count = f"{len(run.cases)} architecture{'s' * (len(run.cases) != 1)}"
    if run.cancelled:
        assert run.settings is not None
        wanted = len(run.settings.architectures)
        words = (f"cancelled, {len(run.cases)} of {wanted} measured", "cancelled")
        return len(run.cases) / wanted, words
    return 1.0, (f"{count} measured", "measured")


def explanation(
    name: str, case: CaseResult | None, chosen: bool, peak: float | None = None
) -> tuple[tuple[str, ...], ...]:
    """Return two lines about an architecture, each in several forms, the longest first."""
    if case is None:
        state = (
            "is measured with {start}; {mark} leaves it out"
            if chosen
            else "is left out; {mark} adds it"
        )
        state = fill(state)
        return (
            (f"{name} {state}", name),
            ("Every update counts whole: fetching the batch, forward, loss, backward, step",),
        )
    floor = f" · floor by {case.floor_kind}" if case.floor_kind else ""
    best = f" · PyTorch's best: {case.best_kind}" if case.best_kind else ""
    times = f"{tables.named(case)}: {_spread(case.ours)}"
    most = "" if peak is None else f"of at most {peak:.0f} "
    speed = f"{case.images_per_second:,.0f} images/s, {case.gflops:.0f} {most}GFLOP/s"
    losses = ""
    if case.torch_loss is not None:
        losses = f" · same weights, same updates: losses {case.loss:.6g} and {case.torch_loss:.6g}"
    noisy = f" · noisy: {', '.join(tables.SIDES[side] for side in case.noisy)}" * bool(case.noisy)
    return (
        (f"{times}{noisy}{best}{floor}", f"{times}{noisy}{best}", f"{times}{noisy}", times),
        (f"{speed}{losses}", speed),
    )


def _spread(timing: Timing) -> str:
    return (
        f"{timing.median:.3g} ms, half of them {timing.low:.3g} to {timing.high:.3g}, "
        f"least {timing.minimum:.3g}"
    )
