"""Export of a gradient check as CSV and Markdown."""

from pathlib import Path

from core import format as fmt
from core.checks.report import Report, Row, Verdict
from core.text_out import as_csv, as_file_name, as_markdown

ROUNDING = 1e-4
"""Norm-wise error in float32 below which a failure may be due to rounding."""


def export(report: Report, folder: Path) -> list[Path]:
    """Write the check as CSV and Markdown.

    Args:
        report: a report with at least one row.
        folder: destination; created if missing.

    Returns:
        The two files, named after the experiment and the settings of the check.

    Raises:
        OSError: if they cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{stem(report)}.{ending}" for ending in ("csv", "md")]
    files[0].write_text(csv_text(report), encoding="utf-8")
    files[1].write_text(markdown(report), encoding="utf-8")
    return files


def stem(report: Report) -> str:
    """Return the file name of a check without its extension."""
    check = report.check
    name = as_file_name(report.title)
    parts = check.reference, check.working_dtype, check.images, check.batch_size, check.seed
    return f"gradients-{name}-{'-'.join(map(str, parts))}"


def csv_text(report: Report) -> str:
    """Return one line per tensor, below a header with the keys of the JSON output."""
    rows = [row.as_dict() for row in report.rows]
    for row in rows:
        row["shape"] = shape(tuple(row["shape"]))
        row["worst_index"] = index(tuple(row["worst_index"] or ()))
    return as_csv([*(row for row in rows[:1]), *(row.values() for row in rows)])


def markdown(report: Report) -> str:
    """Return the check as a Markdown page with an aligned table and notes."""
    head = columns(report)
    cells = [head, *(line(row, report) for row in report.rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    left = {0, 1, len(head) - 1}

    def joined(row: tuple[str, ...]) -> str:
        padded = (
            text.ljust(width) if column in left else text.rjust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        return f"| {' | '.join(padded)} |"

    rule = (
        "-" * width if column in left else "-" * (width - 1) + ":"
        for column, width in enumerate(widths)
    )
    table = [joined(head), f"| {' | '.join(rule)} |", *(joined(row) for row in cells[1:])]
    head_lines = f"# Gradients of {as_markdown(report.heading())}", "", f"{report.outcome()}.", ""
    return "\n".join((*head_lines, *table, "", *(f"{note}\n" for note in notes(report))))


def columns(report: Report) -> tuple[str, ...]:
    """Return the headings of `line`."""
    kinks = "flips" if report.kink_flips is not None else "redrawn"
    names: tuple[str, ...] = ("tensor", "shape", "largest abs", "largest rel", "norm-wise")
    if report.check.reference != "torch":
        names += ("v^T J u",)
    return (*names, "cosine", kinks, "worst entry", "by hand", "reference", "verdict")


def line(row: Row, report: Report) -> tuple[str, ...]:
    """Return the cells of one tensor, in the order of `columns`."""
    comparison = row.comparison
    worst = comparison.worst[0] if comparison.worst else None
    cells: tuple[str, ...] = (
        row.name + (" x 1.001" if row.scaled else ""),
        shape(row.shape),
        f"{comparison.max_absolute:.1e}",
        f"{comparison.max_relative:.1e}",
        f"{comparison.normwise:.1e}",
    )
    if report.check.reference != "torch":
        cells += ("" if row.directional is None else f"{row.directional:.1e}",)
    return (
        *cells,
        f"{comparison.cosine:.6f}",
        f"{row.redrawn if row.flips is None else row.flips:,}",
        index(worst.index) if worst else "",
        f"{worst.value:.3e}" if worst else "",
        f"{worst.reference:.3e}" if worst else "",
        row.verdict.value,
    )


def notes(report: Report) -> list[str]:
    """Return notes that explain the columns and the verdicts, one sentence or two each."""
    check = report.check
    said = [
        f"Relative error: |a - b| / max({fmt.number(check.eps)}, |a| + |b|), the largest of a "
        "tensor. Norm-wise error: ||a - b|| / (||a|| + ||b||); PASS where it is at most "
        f"{fmt.number(check.tolerance)}, or a gradient is nothing but rounding."
    ]
    if check.reference == "torch":
        if report.activations:
            said.append(
                f"Flips: {report.kink_flips or 0:,} of {report.activations:,} ReLU and pool "
                "winners differ from PyTorch's."
            )
        if report.count(Verdict.FLIP):
            said.append(
                "FLIP: a tensor fails, winners differ between it and the loss, and it passes once "
                "the images in which they differ are left out."
            )
    else:
        said.append(
            f"Compared: up to {check.entries:,} entries of every tensor, drawn at random, and "
            f"v^T J u along {check.directions} random directions of the whole tensor."
        )
    if check.reference == "central":
        said.append(
            "Redrawn: probes whose two points had different ReLU or pool winners, "
            "drawn again elsewhere."
        )
    if check.working_dtype == "float32" and any(
        row.verdict is Verdict.FAIL and row.comparison.normwise < ROUNDING for row in report.rows
    ):
        said.append(
            "An error this small can be rounding alone, where the terms of a sum nearly cancel: "
            "the same check in float64 tells."
        )
    if any(row.scaled for row in report.rows):
        said.append("One gradient was multiplied by 1.001 on purpose.")
    if not report.complete:
        said.append(f"Cancelled: {len(report.rows)} of {report.tensors} tensors were checked.")
    return said


def shape(lengths: tuple[int, ...]) -> str:
    """Return the shape of a tensor as text, such as `4 x 4 x 3 x 10`."""
    return " x ".join(map(str, lengths))


def index(places: tuple[int, ...]) -> str:
    """Return the index of an entry as text, such as `[1, 2, 0, 7]`."""
    return str(list(places)) if places else ""
