"""The lines that explain what has the focus, or why something was refused."""

from textual.content import Content
from textual.widgets import Static

from core.training.edit_text import in_labels


class Explanation(Static):
    """One or two lines of explanation, or a reason with a sign."""

    def explain(self, text: str) -> None:
        """Show an explanation."""
        self.remove_class("refused")
        self.update(Content(text))

    def refuse(self, reason: str) -> None:
        """Show why something is not possible."""
        self.add_class("refused")
        self.update(Content(f"✗ {in_labels(reason)}"))
