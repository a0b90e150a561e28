"""Studies from files that nobody wrote on purpose: a study, or one sentence."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.sweeps.definition.study import Study
from tests.strategies import json_values, nearly, outcome
from tests.sweeps.made import SPACE, study

WHOLE = study(
    seeds=[0, 1],
    fixed={"schedule": "cosine", "architecture.2": {"kind": "gelu"}},
    space={
        **SPACE,
        "architecture.filters": {"integer": [3, 9], "log": True},
        "architecture.4": {"choice": [{"kind": "relu"}, []]},
        "optimiser": {"choice": ["sgd", "adamw"]},
        "momentum": {"linear": [0.5, 0.99], "when": {"optimiser": ["sgd"]}},
    },
    pruning={"kind": "halving", "first": 0.2, "factor": 3},
    trials=3,
).definition()


@given(nearly(WHOLE))
def test_a_changed_study_is_read_or_refused(definition: Any) -> None:
    _read(definition)


@given(st.dictionaries(st.sampled_from([*WHOLE, "base", "updates"]), json_values))
def test_any_values_are_read_or_refused(values: dict[str, Any]) -> None:
    _read({"name": "x", **values})


def _read(definition: Any) -> None:
    made, error = outcome(lambda: Study.of(definition))
    if made is None:
        assert "\n" not in str(error)
        return
    again = Study.of(json.loads(json.dumps(made.definition())))
    assert again == made
    assert Study.from_toml(made.to_toml(), made.name) == made
