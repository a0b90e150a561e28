"""Reading and parsing of settings files, before the validation of their values."""

import tomllib
from pathlib import Path
from stat import S_ISFIFO
from typing import Any

from core.settings import SettingError

MAX_FILE_BYTES = 100_000
"""Maximum size of a settings file, which is normally a page of text."""


MAX_PARTS = 100
"""Maximum number of dots on a line: parsing a dotted key of n parts takes memory of order n^2."""


def read(path: Path) -> str:
    """Return the text of a settings file.

    Raises:
        SettingError: if it cannot be read, is too large or is not text; the message gives its name.
    """
    try:
        # That of a shell, as of `<(command)`, has a writer; another may be waited for forever.
        if S_ISFIFO(path.stat().st_mode) and not str(path).startswith(("/dev/fd/", "/proc/")):
            raise SettingError("", f"{path} is a pipe; name a file")
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise SettingError("", f"cannot read {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise SettingError("", f"{path} is not TOML: it is not UTF-8 text") from None
    if len(content) > MAX_FILE_BYTES:
        raise SettingError("", f"{path} is too large for settings: over {MAX_FILE_BYTES:,} bytes")
    return text


def parse(text: str, origin: str) -> dict[str, Any]:
    """Return the values in TOML `text`.

    Raises:
        SettingError: if it is not TOML or exceeds the limits; the message gives `origin`.
    """
    if any(line.count(".") > MAX_PARTS for line in text.splitlines()):
        raise SettingError("", f"{origin} holds no settings: a line of it has too many parts")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingError("", f"{origin} is not TOML: {error}") from None
    except RecursionError:
        raise SettingError("", f"{origin} holds no settings: it nests too deeply") from None
    except ValueError:  # Python cannot parse integers of more than 4,300 digits
        raise SettingError("", f"{origin} holds a number with too many digits") from None
