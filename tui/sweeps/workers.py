"""Who works where: the workers of a running study, and how fast they are together."""

from collections.abc import Sequence

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from core import format as fmt
from core.format import cut
from core.runs.studies.records import StudyState
from core.sweeps.analysis.snapshot import Live, WorkerRow
from tui.keymap.keys import fill

NAME, DOING = 24, 24
"""Widths of the columns."""

NOBODY = {
    StudyState.FINISHED: "nobody works on it any more: the study has come to its end",
    StudyState.STOPPED: "nobody works on it; {start} goes on with it",
}
"""Why there are no workers, by the state of the study."""

ELSEWHERE = "nobody works on it in this program: another one runs it, and shows its workers"


class WorkerTable(Widget):
    """A line for each worker: name, trial, host; and the speed of all together."""

    live: reactive[Live] = reactive(Live())
    """What the running loop tells."""

    state: reactive[StudyState] = reactive(StudyState.STOPPED)
    """The state of the study."""

    def render(self) -> RenderResult:
        """Return headings and workers, or why there are none."""
        if self.live.starting:
            return Content(self.live.starting)
        if not self.live.workers:
            return Content(fill(NOBODY.get(self.state, ELSEWHERE)))
        return Content("\n").join(lines(self.live, self.size.width, max(2, self.size.height)))


def lines(live: Live, width: int, height: int) -> list[Content]:
    """Return headings, workers and the speed of all; with too many, how many are left out."""
    head = f"{'worker':<{NAME}}  {'trains':<{DOING}}  host"
    room = height - 2
    workers: Sequence[WorkerRow] = live.workers
    left = ""
    if len(workers) > room:
        workers = workers[: max(0, room - 1)]
        left = f"and {len(live.workers) - len(workers)} more"
    found = [Content.styled(cut(head, width), "$text-muted")]
    found += [Content(cut(_line(each), width).rstrip()) for each in workers]
    if left:
        found.append(Content(left))
    busy = sum(bool(each.doing) for each in live.workers)
    total = f"{busy} of {len(live.workers)} at work, {fmt.speed(live.images_per_second, 'images')}"
    if live.seconds_to_go is not None:
        total += f", {fmt.duration(live.seconds_to_go)} to go"
    found.append(Content.styled(cut(total, width), "bold"))
    return found


def _line(each: WorkerRow) -> str:
    doing = cut(each.doing or "waits", DOING)
    return f"{cut(each.name, NAME):<{NAME}}  {doing:<{DOING}}  {each.host}"
