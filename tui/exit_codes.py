"""The codes with which the program exits; 0 is success."""

from typing import Final

FAILED: Final = 1
"""It could not do what was asked, or a check did not pass."""

BAD_INPUT: Final = 2
"""What was asked makes no sense; Click exits with it too, for an unknown option."""

INTERRUPTED: Final = 130
"""It was ended by a signal, as shells report Ctrl+C."""
