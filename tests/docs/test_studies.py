"""What docs/studies.md says of the file of a study is true."""

import re
from pathlib import Path

import pytest

from core.config import presets
from core.runs.studies.records import TrialState
from core.sweeps.definition.study import Study

PAGE = (Path(__file__).parents[2] / "docs" / "studies.md").read_text()
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, re.S)


@pytest.mark.parametrize("text", EXAMPLES, ids=range(len(EXAMPLES)))
def test_the_examples_are_studies(text: str) -> None:
    study = Study.from_toml(text, "example")
    assert study.drawn(0) != study.drawn(1)


def test_the_defaults_are_those_of_the_program() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \|.*\| `?(.*?)`? \|$", PAGE, re.M))
    least = Study.from_toml(EXAMPLES[0], "least")
    assert rows["preset"] == f"the preset `{presets.DEFAULT}"
    for name in ("trials", "finalists", "seeds", "validation_size", "sampler"):
        value = getattr(least, name)
        shown = f'"{value}"' if isinstance(value, str) else str(value).translate({40: "[", 41: "]"})
        assert rows[name] == shown
    named = set(re.findall(r"`(\w+)`", PAGE))
    assert set(Study.model_fields) - {"name", "base", "fixed", "space"} <= named


def test_every_state_is_explained() -> None:
    words = " ".join(re.findall(r"^\| ([\w, -]+) \|", PAGE, re.M))
    assert all(state.label in words for state in TrialState)
