"""Tests of the package structure: which module imports which, and when."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

HEAVY = (
    "torch", "matplotlib", "httpx", "safetensors", "PIL", "textual_plot", "optuna", "dask",
    "distributed",
)  # fmt: skip
"""Modules needed late or never; together they would double the time to the first screen."""


def loaded_by(statement: str) -> set[str]:
    """Return the top-level modules that a fresh process has loaded after `statement`."""
    code = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}


@pytest.mark.parametrize("statement", ["import tui.app", "import tui.__main__"])
def test_the_app_starts_without_what_is_needed_late(statement: str) -> None:
    assert loaded_by(statement).isdisjoint(HEAVY)


def test_the_app_starts_without_the_guide() -> None:
    assert "markdown_it" not in loaded_by("import tui.app")


def test_the_network_stands_on_numpy_alone() -> None:
    modules = "core.nn.network, core.nn.conv, core.nn.conv1d, core.nn.pool, core.nn.loss"
    loaded = loaded_by(f"import {modules}, core.optim.adamw, core.optim.sgd, core.optim.falling")
    assert "numpy" in loaded
    assert loaded.isdisjoint({*HEAVY, "pydantic", "textual", "rich", "threadpoolctl", "tui"})


def test_the_engine_knows_no_screen() -> None:
    loaded = loaded_by("import core.runs.session, core.config.presets")
    assert loaded.isdisjoint({*HEAVY, "textual", "rich", "typer", "tui"})


def test_a_study_is_read_without_what_only_its_running_needs() -> None:
    modules = ("definition.study", "sampler", "pruning", "simulate", "analysis.importance")
    loaded = loaded_by(f"import {', '.join(f'core.sweeps.{module}' for module in modules)}")
    assert loaded.isdisjoint({"optuna", "dask", "distributed", "torch", "matplotlib"})


def test_the_figures_know_no_pyplot() -> None:
    code = "import core.figures.run, sys; assert 'matplotlib.pyplot' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_the_import_contracts_hold() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_presets_and_styles_are_part_of_the_package() -> None:
    from importlib.resources import files

    from core.config import presets

    there = {entry.name for entry in files("core.config.presets").iterdir()}
    assert {f"{name}.toml" for name in presets.ORDER} == {
        name for name in there if name.endswith(".toml")
    }
