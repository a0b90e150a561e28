"""The warnings of the run that Train shows, as they come up."""

from core.runs.session import Session
from core.settings import SettingError
from core.training.health_log import HealthLog
from core.training.health_thresholds import HealthThresholds
from tui.train import health_text


class HealthWatch:
    """Looks at one run after the other.

    Attributes:
        session: the run; None before the first.
        log: its warnings; None before the first run.
    """

    def __init__(self) -> None:
        self.session: Session | None = None
        self.log: HealthLog | None = None

    def look(self, session: Session) -> list[str]:
        """Return the log lines of what has come up since the last look.

        Judging a run takes some milliseconds, more at first: call it beside the UI thread.

        Args:
            session: the run that is shown.
        """
        words = []
        if session is not self.session or self.log is None:
            thresholds = HealthThresholds()
            try:
                thresholds = HealthThresholds.read()
            except SettingError as error:
                words.append(f"{error}; the thresholds of the warnings are the usual ones")
            self.session, self.log = session, HealthLog(session.experiment, thresholds)
        return words + [health_text.log_line(warning) for warning in self.log.look(session.history)]
