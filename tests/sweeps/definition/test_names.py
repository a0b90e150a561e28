"""Parts of architectures by name."""

from typing import Any

import pytest

from core.config import presets
from core.config.experiment import Experiment
from core.settings import SettingError
from core.sweeps.definition import names
from tests.sweeps.made import study

RESIDUAL = [
    {"kind": "conv", "filters": 8},
    {"kind": "residual", "layers": [{"kind": "conv", "filters": 8, "padding": 1}]},
    {"kind": "globalpool"},
    {"kind": "linear", "units": 10},
]


@pytest.mark.parametrize(
    ("values", "short"),
    [
        ({"architecture.filters": 20}, "4x4/20/50"),
        ({"architecture.hidden": 70}, "4x4/10/70"),
        ({"architecture.filter": 8}, "8x8/10/50"),
        ({"architecture.1.filters": 20, "architecture.3.units": 7}, "4x4/20/7"),
        ({"architecture": "2x2/3/9", "architecture.hidden": 8}, "2x2/3/8"),
        ({"architecture": "2x2/3/9"}, "2x2/3/9"),
    ],
)
def test_parts_of_a_short_form(values: dict[str, Any], short: str) -> None:
    assert names.changed(presets.load("arch-2"), values).short_form == short


def test_layers_are_replaced_removed_and_added() -> None:
    base = presets.load("arch-2")
    dropout = {"kind": "dropout"}

    def kinds(values: dict[str, Any]) -> list[str]:
        return [layer.kind for layer in names.changed(base, values).architecture]

    assert kinds({"architecture.2": {"kind": "gelu"}}) == [
        "conv",
        "gelu",
        "linear",
        "relu",
        "linear",
    ]
    assert kinds({"architecture.4": []}) == ["conv", "relu", "linear", "linear"]
    more = {"architecture.2": [{"kind": "gelu"}, dropout], "architecture.3.units": 9}
    assert kinds(more) == ["conv", "gelu", "dropout", "linear", "relu", "linear"]
    assert names.changed(base, more).architecture[3].units == 9  # type: ignore[attr-defined]


def test_layers_within_branches() -> None:
    base = Experiment.of({"architecture": RESIDUAL})
    changed = names.changed(base, {"architecture.2.layers.1.filters": 16})
    assert changed.architecture[1].layers[0].filters == 16  # type: ignore[attr-defined]
    changed = names.changed(base, {"architecture.2.layers.1": [{"kind": "relu"}, {"kind": "gelu"}]})
    assert [each.kind for each in changed.architecture[1].layers] == ["relu", "gelu"]  # type: ignore[attr-defined]
    with pytest.raises(SettingError, match="layers go from 1 to 1"):
        names.setting_of(base, "architecture.2.layers.2.filters")
    with pytest.raises(SettingError, match=r"layer 1 .* has no 'layers'"):
        names.setting_of(base, "architecture.1.layers.2.filters")


def test_an_architecture_varies_with_conditions() -> None:
    made = study(
        space={
            "architecture.2": {"choice": [{"kind": "relu"}, {"kind": "leakyrelu"}]},
            "architecture.filters": {"integer": [4, 40], "log": True},
            "optimiser": {"choice": ["sgd", "adamw"]},
            "momentum": {"linear": [0.5, 0.99], "when": {"optimiser": "sgd"}},
        }
    )
    seen = set()
    for trial in range(20):
        settings = made.drawn(trial)
        experiment = made.experiment(settings, 0)
        assert experiment.architecture[0].filters == settings["architecture.filters"]  # type: ignore[attr-defined]
        assert experiment.architecture[1].kind == settings["architecture.2"]["kind"]
        assert experiment.momentum == settings.get("momentum", made.start.momentum)
        seen.add((experiment.architecture[1].kind, "momentum" in settings))
    assert len(seen) == 4


def test_toml_reads_paths_as_tables_in_tables() -> None:
    text = """
[fixed]
architecture.filters = 30
[space]
architecture.3.units = { choice = [5, 7] }
architecture.2 = { choice = [{ kind = "relu" }, []] }
"""
    made = study().from_toml(text, "paths")
    assert set(made.space) == {"architecture.3.units", "architecture.2"}
    assert made.start.short_form == "4x4/30/50"


def test_a_part_of_an_architecture_that_is_fixed_can_vary_but_not_a_part_that_is_fixed() -> None:
    names.check_apart(("architecture",), ("architecture.hidden",))
    for fixed, varying in (
        ("architecture.hidden", "architecture.3.units"),
        ("architecture.3", "architecture.hidden"),
        ("architecture.1.stride", "architecture.filter"),
    ):
        with pytest.raises(SettingError, match="is fixed; leave one of them out"):
            names.check_apart((fixed,), (varying,))
        with pytest.raises(SettingError, match="part of each other"):
            names.check_apart((), (fixed, varying))
