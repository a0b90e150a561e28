"""Benchmarks and profiles as text tables, CSV and Markdown."""

from collections.abc import Sequence
from pathlib import Path

from core.benchmark.cases import PUBLISHED
from core.benchmark.measure import MIN_UPDATES
from core.benchmark.profile import Profile
from core.benchmark.results import Benchmark, CaseResult, Ratio, Timing, geometric_mean
from core.format import percent
from core.text_out import as_csv, as_markdown

HEADINGS = (
    "architecture", "this ms", "PyTorch ms", "its best ms", "floor ms", "x PyTorch", "x its best",
    "over floor", "images/s", "GFLOP/s", "published s",
)  # fmt: skip
PROFILE_HEADINGS = (
    "step", "output", "forward ms", "backward ms", "share", "GFLOP/s", "MB", "GB/s",
)  # fmt: skip
SIDES = {
    "ours": "this network",
    "torch": "PyTorch",
    "best": "PyTorch at its best",
    "floor": "the bare products",
}
"""Names of the contenders by attribute of a result."""

QUICK = f"A quick look: fewer than {MIN_UPDATES} updates of each contender, too few to rely on."
NONE = "-"


def export(benchmark: Benchmark, folder: Path, earlier: Benchmark | None = None) -> list[Path]:
    """Write the benchmark as CSV and Markdown.

    Args:
        benchmark: a benchmark with at least one architecture.
        folder: destination; created if missing.
        earlier: earlier benchmark for comparison in the Markdown file.

    Returns:
        The two files.

    Raises:
        OSError: if they cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{stem(benchmark)}.{ending}" for ending in ("csv", "md")]
    files[0].write_text(csv_text(benchmark), encoding="utf-8")
    files[1].write_text(markdown(benchmark, earlier), encoding="utf-8")
    return files


def stem(benchmark: Benchmark) -> str:
    """Return the file name of a benchmark without its extension."""
    return f"benchmark-{benchmark.started.partition('+')[0].replace(':', '-')}"


def headings(earlier: Benchmark | None = None) -> tuple[str, ...]:
    """Return the headings of `line`."""
    if earlier is None:
        return HEADINGS
    return (*HEADINGS, "earlier ms" + " (quick)" * earlier.quick, "change")


def named(case: CaseResult) -> str:
    """Return the name of an architecture, marked if its times are noisy."""
    return case.arch + " noisy" * bool(case.noisy)


def doubt(benchmark: Benchmark) -> str:
    """Return the number of noisy published architectures as text, or ""."""
    noisy = [case for case in benchmark.cases if case.noisy and case.arch in PUBLISHED]
    return f"{len(noisy)} noisy" if noisy else ""


def line(case: CaseResult, earlier: Benchmark | None = None) -> tuple[str, ...]:
    """Return the cells of one architecture, in the order of `headings`."""
    published = case.published
    cells = (
        named(case),
        _ms(case.ours),
        _ms(case.torch),
        _ms(case.best),
        _ms(case.floor),
        _ratio(case.ratio),
        _ratio(case.ratio_best),
        f"{case.over_floor:.2f}" if case.over_floor else NONE,
        f"{case.images_per_second:,.0f}",
        f"{case.gflops:,.0f}",
        f"{published.numpy:g} : {published.torch:g}" if published else NONE,
    )
    if earlier is None:
        return cells
    before = earlier.case(case.arch)
    if before is None:
        return (*cells, NONE, NONE)
    change = case.ours.median / before.ours.median - 1
    return (*cells, "noisy " * before.ours.noisy + _ms(before.ours), f"{100 * change:+.0f} %")


def means(benchmark: Benchmark) -> tuple[float | None, float | None]:
    """Return the geometric means of both ratios over the published architectures, if all ran."""
    published = [case for case in benchmark.cases if case.arch in PUBLISHED]
    if len(published) < len(PUBLISHED):
        return None, None
    return (
        geometric_mean([case.ratio.value for case in published if case.ratio]),
        geometric_mean([case.ratio_best.value for case in published if case.ratio_best]),
    )


def notes(benchmark: Benchmark) -> list[str]:
    """Return notes that explain the numbers and name the machine, one sentence or two each."""
    found = [QUICK] if benchmark.quick else []
    found += [
        f"Medians of {benchmark.updates} full updates in {benchmark.dtype}, "
        f"{benchmark.threads} threads, contenders in turns; x: how many times as long they take.",
        made_on(benchmark),
    ]
    if benchmark.peak is not None:
        found.append(
            f"NumPy multiplies large matrices at {benchmark.peak:,.0f} GFLOP/s here: the peak."
        )
    found += noise(benchmark)
    mean, best = means(benchmark)
    if mean is not None:
        beside = f", {best:.2f} against PyTorch at its best" if best is not None else ""
        why = ", ".join(filter(None, ["a quick look" * benchmark.quick, doubt(benchmark)]))
        over = "arch-1 to arch-7" + (f" ({why})" if why else "")
        found.append(f"Geometric mean over {over}: {mean:.2f} against PyTorch as written{beside}.")
    differences = [case.loss_difference for case in benchmark.cases]
    known = [difference for difference in differences if difference is not None]
    if known:
        found.append(
            "Losses of both sides after the same updates from the same weights differ by "
            f"{max(known):.0e} at the most, relatively."
        )
    if any(case.published for case in benchmark.cases):
        found.append("Published: seconds of a whole run, NumPy : PyTorch, on other machines.")
    if benchmark.note:
        found.append(f"{benchmark.note}.")
    return found


def noise(benchmark: Benchmark) -> list[str]:
    """Return a list with a sentence about noisy contenders, or an empty list."""
    noisy = [
        f"{case.arch} ({', '.join(SIDES[name] for name in case.noisy)})"
        for case in benchmark.cases
        if case.noisy
    ]
    if not noisy:
        return []
    return [
        "Noisy, the middle half of the times being wider than a third of their median: "
        f"{', '.join(noisy)}."
    ]


def made_on(benchmark: Benchmark) -> str:
    """Return the machine and the time of a benchmark in one sentence."""
    machine = benchmark.machine
    load = "" if machine.load is None else f", load {machine.load:g} at the start"
    torch = f", PyTorch {machine.torch}" if machine.torch else ""
    return (
        f"{machine.cpu}, {machine.cores} cores, {machine.system}, Python {machine.python}, "
        f"NumPy {machine.numpy}, {machine.blas}{torch}{load}; {benchmark.started}."
    )


def markdown(benchmark: Benchmark, earlier: Benchmark | None = None) -> str:
    """Return the benchmark as a Markdown page."""
    rows = [headings(earlier), *(line(case, earlier) for case in benchmark.cases)]
    best = [f"{case.arch}: {case.best_kind}" for case in benchmark.cases if case.best_kind]
    tail = [f"PyTorch at its best: {'; '.join(best)}."] if best else []
    paragraphs = [f"{as_markdown(note)}\n" for note in (*notes(benchmark), *tail)]
    title = f"# Benchmark{', a quick look' * benchmark.quick}"
    return "\n".join([title, "", *table(rows), "", *paragraphs])


def csv_text(benchmark: Benchmark) -> str:
    """Return one line per architecture with the keys of the JSON output; spreads as `name.low`."""
    rows = []
    for case in benchmark.cases:
        flat = case.as_dict()
        for name, spread in flat.pop("spread").items():
            for part, value in (spread or {}).items():
                flat[f"{name}.{part}"] = value
        rows.append(flat)
    names = list(dict.fromkeys(name for row in rows for name in row))
    return as_csv([names, *([row.get(name) for name in names] for row in rows)])


def profile_lines(profile: Profile) -> list[tuple[str, ...]]:
    """Return the rows of a profile, one per step, in the order of `PROFILE_HEADINGS`."""
    lines: list[tuple[str, ...]] = []
    for row in profile.rows:
        lines.append(
            (
                row.name,
                " x ".join(map(str, row.output_shape)) if row.output_shape else "",
                f"{row.forward_ms:.3f}",
                f"{row.backward_ms:.3f}" if row.backward_ms is not None else "",
                percent(profile.share(row), 0),
                f"{row.gflops:.0f}" if row.gflops else "",
                f"{row.bytes / 1e6:.2f}",
                f"{row.bytes / row.total_ms / 1e6:.1f}" if row.total_ms else "",
            )
        )
    lines.append(("sum", "", f"{profile.update_ms:.3f}", "", "100 %", "", "", ""))
    return lines


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of an aligned Markdown table."""
    rows = [[as_markdown(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]

    def joined(row: Sequence[str]) -> str:
        first, *others = (
            text.rjust(width) if column else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        return f"| {' | '.join((first, *others))} |"

    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return [joined(rows[0]), f"| {' | '.join(rule)} |", *map(joined, rows[1:])]


def _ms(timing: Timing | None) -> str:
    return f"{timing.median:#.3g}".rstrip(".") if timing else NONE


def _ratio(ratio: Ratio | None) -> str:
    return f"{ratio.value:.2f}" if ratio else NONE
