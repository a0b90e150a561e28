"""A gradient check as text: for a spreadsheet, and for a page."""

from pathlib import Path

from core.checks.report import Report, Row, Verdict
from core.text_out import as_csv, as_file_name, as_markdown

ROUNDING = 1e-4
"""Norm-wise error in float32 below which a failure need not be a wrong formula."""


def export(report: Report, folder: Path) -> list[Path]:
    """Write the check as CSV and Markdown.

    Args:
        report: with one row at least.
        folder: where to; made where it is missing.

    Returns:
        The two files, named after what was checked.

    Raises:
        OSError: if they cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{stem(report)}.{ending}" for ending in ("csv", "md")]
    files[0].write_text(csv_text(report), encoding="utf-8")
    files[1].write_text(markdown(report), encoding="utf-8")
    return files


def stem(report: Report) -> str:
    """Return how the files of a check are called, without their endings."""
    check = report.check
    name = as_file_name(report.title)
    parts = check.reference, check.working_dtype, check.images, check.batch_size, check.seed
    return f"gradients-{name}-{'-'.join(map(str, parts))}"


def csv_text(report: Report) -> str:
    """Return one line a tensor, under a line of names: those of the JSON."""
    rows = [row.as_dict() for row in report.rows]
    for row in rows:
        row["shape"] = shape(tuple(row["shape"]))
        row["worst_index"] = index(tuple(row["worst_index"] or ()))
    return as_csv([*(row for row in rows[:1]), *(row.values() for row in rows)])


def markdown(report: Report) -> str:
    """Return the check as a table that reads well as it stands, with all that it depends on."""
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
    """Return one tensor in words and figures, in the order of `columns`."""
    measured = row.comparison
    worst = measured.worst[0] if measured.worst else None
    cells: tuple[str, ...] = (
        row.name + (" x 1.001" if row.scaled else ""),
        shape(row.shape),
        f"{measured.max_absolute:.1e}",
        f"{measured.max_relative:.1e}",
        f"{measured.normwise:.1e}",
    )
    if report.check.reference != "torch":
        cells += ("" if row.directional is None else f"{row.directional:.1e}",)
    return (
        *cells,
        f"{measured.cosine:.6f}",
        f"{row.redrawn if row.flips is None else row.flips:,}",
        index(worst.index) if worst else "",
        f"{worst.value:.3e}" if worst else "",
        f"{worst.reference:.3e}" if worst else "",
        row.verdict.value,
    )


def notes(report: Report) -> list[str]:
    """Return what a reader needs to know about the figures, a sentence each."""
    check = report.check
    said = [
        f"Relative error: |a - b| / max({check.eps:g}, |a| + |b|), the largest of a tensor. "
        "Norm-wise error: ||a - b|| / (||a|| + ||b||); "
        f"PASS where it is at most {check.tolerance:g}."
    ]
    if check.reference == "torch":
        said.append(
            f"Flips: {report.kink_flips or 0:,} of {report.activations:,} ReLU and pool winners "
            "differ from PyTorch's."
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
    """Return the lengths of a tensor, such as `4 x 4 x 3 x 10`."""
    return " x ".join(map(str, lengths))


def index(places: tuple[int, ...]) -> str:
    """Return the place of an entry, such as `[1, 2, 0, 7]`."""
    return str(list(places)) if places else ""
