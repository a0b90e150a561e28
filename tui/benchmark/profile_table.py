"""The table of a profile: the time of every layer in an update."""

from textual.content import Content
from textual.reactive import reactive

from core import format as fmt
from core.benchmark.profile import Profile, ProfileRow
from core.format import first_fitting, shape
from tui.keymap.keys import fill
from tui.widgets.order import Order, column_at, with_sign
from tui.widgets.row_list import CURSOR, DIM
from tui.widgets.sorted_list import SortedList

FORMS = (
    "step output forward backward share bar gflops bytes rate",
    "step output forward backward share gflops bytes rate",
    "step output forward backward share gflops bytes",
    "step forward backward share gflops bytes",
    "step forward backward share gflops",
    "step forward backward share",
    "step share",
)
"""Columns, from the widest form to the narrowest."""

HEADS = {
    "step": "step", "output": "output", "forward": "forward", "backward": "backward",
    "share": "share", "bar": "", "gflops": "GFLOP/s", "bytes": "MB", "rate": "GB/s",
}  # fmt: skip

BAR = 12
"""Width of the longest bar in columns."""


VALUES = {
    "forward": lambda row: row.forward_ms,
    "backward": lambda row: row.backward_ms or 0.0,
    "share": lambda row: row.total_ms,
    "gflops": lambda row: row.gflops or 0.0,
    "bytes": lambda row: row.bytes,
    "rate": lambda row: row.bytes / row.total_ms if row.total_ms else 0.0,
}  # fmt: skip
"""What the steps are sorted by, the largest first; by `step` they keep their own order."""


class ProfileTable(SortedList):
    """The layers of one architecture, or how to profile it if there is no profile yet."""

    profile: reactive[Profile | None] = reactive(None, init=False)
    """The profile; None for none."""

    greeting: reactive[str] = reactive("", init=False)
    """The text shown without a profile."""

    def __init__(self) -> None:
        super().__init__()
        self.set_reactive(ProfileTable.order, Order("step"))

    @property
    def _ordered(self) -> list[ProfileRow]:
        rows = list(self.profile.rows) if self.profile else []
        if self.order.column == "step":
            return rows[::-1] if self.order.turned else rows
        return sorted(rows, key=VALUES[self.order.column], reverse=not self.order.turned)

    def columns_shown(self, width: int) -> tuple[str, ...]:
        """Return the names of the visible columns that can be sorted by."""
        return self._laid_out(width)[1] if self.profile else ()

    def column_at(self, x: int, width: int) -> str | None:
        """Return the column with its heading at `x`."""
        if not self.profile:
            return None
        _, names, ends = self._laid_out(width)
        return column_at(x, ends, names)

    def watch_order(self) -> None:
        """Show the steps in the new order from the top."""
        self.cursor = 0
        self.draw()
        self.post_message(self.Moved(self))

    def watch_profile(self) -> None:
        """Show the profile from its top."""
        self.cursor = 0
        self._write_border()
        self.draw()

    def watch_greeting(self) -> None:
        """Redraw the table."""
        self.draw()

    def on_resize(self) -> None:
        """Fit the title to the new width."""
        super().on_resize()
        self._write_border()

    def count(self) -> int:
        """Return the number of steps, or 1 without a profile."""
        return len(self.profile.rows) if self.profile else 1

    def header(self, width: int) -> Content | None:
        """Return the headings."""
        return Content.styled(self._lines(width)[0], "bold") if self.profile else Content("")

    def lines(self, width: int) -> list[Content]:
        """Return one line per step."""
        if self.profile is None:
            return Content.styled(self.greeting, DIM).wrap(max(8, width))
        lines = []
        for item, text in enumerate(self._lines(width)[1:]):
            here = item == self.cursor and self.has_focus
            lines.append(Content.styled(f"{text:<{width}}", CURSOR if here else ""))
        return lines

    def explanation(self) -> str:
        """Return time and memory traffic of the step under the cursor."""
        if self.profile is None:
            return fill("{inspect} times every layer of the architecture under the cursor")
        row = self._ordered[self.cursor]
        both = f"{row.total_ms:.3f} ms of {self.profile.update_ms:.3f}"
        work = f", {row.gflops:.0f} GFLOP/s" if row.gflops else ""
        moved = f"{row.bytes / 1e6:.2f} MB to read and write at the least"
        return f"{row.name}: {both} for {self.profile.batch_size} images{work}\n{moved}"

    def _write_border(self) -> None:
        if self.profile is None:
            self.border_title = "Layers"
            return
        name, size = self.profile.name, self.profile.batch_size
        took = f"{self.profile.update_ms:.2f} ms"
        texts = (
            f"{name}, layer by layer ─ {took} an update of {size} images on one thread",
            f"{name} ─ {took} an update on one thread",
            f"{name} ─ {took} on one thread",
            name,
        )
        self.border_title = Content(first_fitting(self.size.width - 4, *texts))

    def _lines(self, width: int) -> list[str]:
        """Return the headings and the rows in the widest form that fits."""
        return self._laid_out(width)[0]

    def _laid_out(self, width: int) -> tuple[list[str], tuple[str, ...], tuple[int, ...]]:
        """Return the lines, the columns to sort by, and the position behind each."""
        assert self.profile is not None
        for form in FORMS:
            keys = form.split()
            table = [[HEADS[key] for key in keys]]
            table += [[self._cell(row, key) for key in keys] for row in self._ordered]
            widths = [max(len(line[i]) for line in table) for i in range(len(keys))]
            spare = width - sum(widths)
            if spare >= len(keys):
                break
        gap = " " * max(1, min(3, spare // max(1, len(keys) - 1)))
        left_aligned = [key in ("step", "bar") for key in keys]
        ends = [sum(widths[: at + 1]) + len(gap) * at for at in range(len(keys))]
        sorts = {key: end for key, end in zip(keys, ends, strict=True) if key in (*VALUES, "step")}
        lines = [
            gap.join(
                text.ljust(w) if flush else text.rjust(w)
                for text, w, flush in zip(line, widths, left_aligned, strict=True)
            )[:width]
            for line in table
        ]
        column = self.order.column
        if column in sorts and self.order != Order("step"):
            at = len(HEADS["step"]) if column == "step" else sorts[column]
            lines[0] = with_sign(lines[0], at, self.order.sign(column != "step"))
        return lines, tuple(sorts), tuple(sorts.values())

    def _cell(self, row: ProfileRow, key: str) -> str:
        assert self.profile is not None
        share = self.profile.share(row)
        rate = row.bytes / row.total_ms / 1e6 if row.total_ms else 0.0
        back = "" if row.backward_ms is None else f"{row.backward_ms:.3f}"
        longest = max(self.profile.share(other) for other in self.profile.rows)
        return {
            "step": row.name,
            "output": shape(row.output_shape, "x") if row.output_shape else "",
            "forward": f"{row.forward_ms:.3f}",
            "backward": back,
            "share": fmt.percent(share),
            "bar": "━" * max(0, round(BAR * share / longest)),
            "gflops": f"{row.gflops:.0f}" if row.gflops else "",
            "bytes": f"{row.bytes / 1e6:.2f}",
            "rate": f"{rate:.1f}",
        }[key]
