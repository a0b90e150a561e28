"""What every error for a person has in common."""

from core.text_out import visible


class ToldError(Exception):
    """An error whose message is one sentence for a person, whatever the sentence quotes.

    File names, members of archives and answers of servers stand in such sentences, and these go to
    terminals: so they are made visible here, once for all.
    """

    def __init__(self, sentence: object = "") -> None:
        super().__init__(visible(sentence))
