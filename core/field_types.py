"""Validated field types of benchmark files, which are not trusted."""

from typing import Annotated

from pydantic import AfterValidator, Field

from core.text_out import readable

Readable = Annotated[str, AfterValidator(readable)]
Name = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(readable)]
Finite = Annotated[float, Field(ge=-1e300, le=1e300)]
Above0 = Annotated[float, Field(gt=0, le=1e12)]
"""Times and ratios, which occur as divisors and in logarithms."""
Positive = Annotated[int, Field(ge=1, le=2**53)]
Count = Annotated[int, Field(ge=0, le=2**62)]
Stamp = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?\+00:00$")]
"""Date and time, ISO 8601 in UTC, which becomes part of a file name."""
