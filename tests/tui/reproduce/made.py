"""A test app with the Reproduce pane alone, and made-up results of a study."""

from core.reproduce.plan import StudySettings
from core.reproduce.results import look
from core.reproduce.run import Progress
from core.runs.session import store
from tests.reproduce.made import FULL
from tests.tui.stage import Stage
from tui.frame.key_footer import KeyFooter
from tui.reproduce.claim_list import ClaimList
from tui.reproduce.pane import ReproducePane
from tui.reproduce.table import StudyTable
from tui.worker.messages import JobState, StudyEnded, StudyNews


class ReproduceStage(Stage):
    pane: ReproducePane

    def __init__(self) -> None:
        super().__init__("reproduce")
        self.pane = ReproducePane(self.runner)

    # Stand-ins for the runner

    def say(self, key: str, part: float, share: float) -> None:
        self.runner.reproduced = Progress(key, f"{key}: at work", part, share, 125.0)
        self.pane.look()

    def news(self, settings: StudySettings = FULL) -> None:
        self.pane.take(StudyNews(look(settings, None, store())))

    def end(self, reason: str | None = None, settings: StudySettings = FULL) -> None:
        found = None if reason else look(settings, None, store())
        self.pane.take(StudyEnded(found, reason))
        self.state(JobState.IDLE)

    # What the screen shows

    @property
    def table(self) -> StudyTable:
        return self.query_one(StudyTable)

    @property
    def claims(self) -> ClaimList:
        return self.query_one(ClaimList)

    @property
    def keys(self) -> dict[str, str]:
        return {key.key: key.words for key in self.query_one(KeyFooter).keys}
