"""Settings that complain in one sentence."""

from typing import Any, Self

from pydantic import ValidationError

from core.complaints import explain
from core.settings import SettingError, Settings


class CheckedSettings(Settings):
    """Settings that are made of plain values by `of`, whose errors are for a person."""

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """Return the settings that `values` describe.

        Raises:
            SettingError: for the first thing that is wrong, in one sentence.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise cls.complaint(error) from None

    @classmethod
    def complaint(cls, error: ValidationError) -> SettingError:
        """Return the first thing that is wrong, in one sentence."""
        return explain(cls, error)

    def changed(self, **values: Any) -> Self:
        """Return a copy with other values, checked.

        Raises:
            SettingError: as `of`.
        """
        return self.of({**self.model_dump(), **values})
