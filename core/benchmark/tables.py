"""A benchmark and a profile as text: for a terminal, a spreadsheet, and a page."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from core.benchmark.profile import Profile
from core.benchmark.results import Benchmark, CaseResult, Ratio, Timing, geometric_mean

HEADINGS = (
    "architecture", "this ms", "PyTorch ms", "its best ms", "floor ms", "x PyTorch", "x its best",
    "over floor", "images/s", "GFLOP/s", "published s",
)  # fmt: skip
PROFILE_HEADINGS = (
    "step", "output", "forward ms", "backward ms", "share", "GFLOP/s", "MB", "GB/s",
)  # fmt: skip
NONE = "-"


def export(benchmark: Benchmark, folder: Path, earlier: Benchmark | None = None) -> list[Path]:
    """Write the benchmark as CSV and Markdown.

    Args:
        benchmark: with one architecture at least.
        folder: where to; made where it is missing.
        earlier: laid beside it in the Markdown.

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
    """Return how the files of a benchmark are called, without their endings."""
    return f"benchmark-{benchmark.started.partition('+')[0].replace(':', '-')}"


def headings(earlier: Benchmark | None = None) -> tuple[str, ...]:
    """Return the headings of `line`."""
    return (*HEADINGS, "earlier ms", "change") if earlier else HEADINGS


def line(case: CaseResult, earlier: Benchmark | None = None) -> tuple[str, ...]:
    """Return one architecture in figures, in the order of `headings`."""
    published = case.published
    cells = (
        case.arch,
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
    return (*cells, _ms(before.ours), f"{change:+.0%}")


def means(benchmark: Benchmark) -> tuple[float | None, float | None]:
    """Return the geometric means of both ratios over the published architectures, if all ran."""
    published = [case for case in benchmark.cases if case.arch.startswith("arch-")]
    if len(published) < 7:
        return None, None
    return (
        geometric_mean([case.ratio.value for case in published if case.ratio]),
        geometric_mean([case.ratio_best.value for case in published if case.ratio_best]),
    )


def notes(benchmark: Benchmark) -> list[str]:
    """Return what the figures mean and what they were measured on, a sentence or two each."""
    machine = benchmark.machine
    load = "" if machine.load is None else f", load {machine.load:g} at the start"
    torch = f", PyTorch {machine.torch}" if machine.torch else ""
    found = [
        f"Medians of {benchmark.updates} full updates in {benchmark.dtype}, "
        f"{benchmark.threads} threads, contenders in turns; x: how many times as long they take.",
        f"{machine.cpu}, {machine.cores} cores, {machine.system}, Python {machine.python}, "
        f"NumPy {machine.numpy}, {machine.blas}{torch}{load}; {benchmark.started}.",
    ]
    mean, best = means(benchmark)
    if mean is not None:
        beside = f", {best:.2f} against PyTorch at its best" if best is not None else ""
        found.append(
            f"Geometric mean over arch-1 to arch-7: {mean:.2f} against PyTorch as written{beside}."
        )
    differences = [case.loss_difference for case in benchmark.cases]
    known = [difference for difference in differences if difference is not None]
    if known:
        found.append(
            "Losses of both sides after the same updates from the same weights differ by "
            f"{max(known):.0e} at the most, relatively."
        )
    if any(case.published for case in benchmark.cases):
        found.append(
            "Published: seconds of a whole run, NumPy : PyTorch, on other machines; "
            "for arch-5 to arch-7 only 0.51 to 0.77 of PyTorch's time is known."
        )
    if benchmark.note:
        found.append(f"{benchmark.note}.")
    return found


def markdown(benchmark: Benchmark, earlier: Benchmark | None = None) -> str:
    """Return the benchmark as a page."""
    rows = [headings(earlier), *(line(case, earlier) for case in benchmark.cases)]
    best = [f"{case.arch}: {case.best_kind}" for case in benchmark.cases if case.best_kind]
    tail = [f"PyTorch at its best: {'; '.join(best)}."] if best else []
    paragraphs = [f"{note}\n" for note in (*notes(benchmark), *tail)]
    return "\n".join(["# Benchmark", "", *table(rows), "", *paragraphs])


def csv_text(benchmark: Benchmark) -> str:
    """Return one line an architecture, under the names of the JSON; spreads as `name.low`."""
    rows = []
    for case in benchmark.cases:
        flat = case.as_dict()
        for name, spread in flat.pop("spread").items():
            for part, value in (spread or {}).items():
                flat[f"{name}.{part}"] = value
        rows.append(flat)
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def profile_lines(profile: Profile) -> list[tuple[str, ...]]:
    """Return a profile in figures, a row a step, in the order of `PROFILE_HEADINGS`."""
    lines: list[tuple[str, ...]] = []
    for row in profile.rows:
        lines.append(
            (
                row.name,
                " x ".join(map(str, row.output_shape)) if row.output_shape else "",
                f"{row.forward_ms:.3f}",
                f"{row.backward_ms:.3f}" if row.backward_ms is not None else "",
                f"{profile.share(row):.0%}",
                f"{row.gflops:.0f}" if row.gflops else "",
                f"{row.bytes / 1e6:.2f}",
                f"{row.bytes / row.total_ms / 1e6:.1f}" if row.total_ms else "",
            )
        )
    lines.append(("sum", "", f"{profile.update_ms:.3f}", "", "100%", "", "", ""))
    return lines


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table that reads well as it stands."""
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
