"""`convsole explain`."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.config import presets
from tests.tui.cli.commands import refused, run, train

SHAPES = ("--set", "dataset=synthetic")


def explained(*arguments: str) -> dict[str, Any]:
    result = run("explain", *arguments, "--json")
    assert result.exit_code == 0, result.output
    line: dict[str, Any] = json.loads(result.stdout)
    return line


def test_a_value_of_a_fresh_network_is_the_sum_of_its_window() -> None:
    line = explained("--preset", "arch-2", *SHAPES, "--layer", "conv1", "--at", "3,4,7")
    assert line["layer"] == "conv1"
    assert line["at"] == [3, 4, 7]
    assert len(line["terms"]) == 4 * 4 * 3
    assert line["terms"][0]["from"] == [12, 16, 0]
    total = line["bias"] + sum(term["product"] for term in line["terms"])
    assert line["exact"] == pytest.approx(total)
    assert line["value"] == pytest.approx(total, abs=1e-5)
    assert all(t["product"] == pytest.approx(t["x"] * t["w"]) for t in line["terms"])
    assert sum(line["probabilities"].values()) == pytest.approx(1)
    assert line["loss"] > 0
    assert line["gradient"] is None


def test_backward_gives_the_gradient_and_its_shares() -> None:
    options = ("--preset", "arch-2", *SHAPES, "--layer", "relu2")
    line = explained(*options, "--backward")
    shares = line["shares"]["terms"]
    assert {share["layer"] for share in shares} == {"linear2"}
    assert len(shares) == 10
    assert line["gradient"] == pytest.approx(sum(share["product"] for share in shares), abs=1e-6)
    assert explained(*options)["shares"] is None


def test_seeds_give_other_weights() -> None:
    first, again, other = (
        explained("--preset", "arch-2", *SHAPES, "--layer", "conv1", "--at", "0,0,0", *seed)
        for seed in ((), ("--seed", "0"), ("--seed", "1"))
    )
    assert first["value"] == again["value"] != other["value"]


def test_a_run_is_explained_with_its_weights_and_its_next_update(tmp_path: Path) -> None:
    name = train("--preset", "arch-2", "--set", "eta_min=0.01", "--set", "eta_max=0.02")
    trained = explained(name, "--image", "5", "--split", "validation")
    assert trained["layer"] == "linear2"
    assert "after 30 updates" in trained["about"]
    assert trained["value"] != explained("--preset", "arch-2", *SHAPES)["value"]
    assert explained(name, "--checkpoint", "30")["about"].endswith("after 30 updates")
    there_is_none = refused(run("explain", name, "--checkpoint", "7"))
    assert "has no checkpoint after 7 updates; there are those after " in there_is_none
    over = explained(name, "--layer", "conv1.weight", "--training")
    assert over["about"].endswith("after 30 updates, the last update once more")
    assert over["step"]["exact"] == pytest.approx(
        over["step"]["before"] + sum(over["step"]["parts"].values())
    )


def test_training_shows_the_step_of_a_weight() -> None:
    options = ("--preset", "arch-2", *SHAPES, "--layer", "linear2.weight", "--at", "3,4")
    line = explained(*options, "--training")
    step = line["step"]
    assert step["before"] == line["facts"]["weight"]
    assert step["exact"] == pytest.approx(step["before"] + sum(step["parts"].values()))
    assert {"gradient", "decay"} <= set(step["parts"])
    assert line["mode"] == "training"
    assert explained(*options)["step"] is None


def test_a_picture_file_is_explained_as_what_it_is_taken_for(tmp_path: Path) -> None:
    file = tmp_path / "picture.png"
    Image.fromarray(np.full((40, 50, 3), 200, np.uint8)).save(file)
    line = explained("--preset", "arch-2", *SHAPES, "--image", str(file))
    likeliest = max(line["probabilities"], key=line["probabilities"].get)
    assert line["label"] == likeliest
    named = explained("--preset", "arch-2", *SHAPES, "--image", str(file), "--label", "disc")
    assert named["label"] == "disc"


def test_words_are_for_a_person_and_figures_for_a_page(tmp_path: Path) -> None:
    whole = run("explain", "--preset", "arch-2", *SHAPES)
    assert "taken for" in whole.stdout
    assert "conv 4x4, 10 filters" in whole.stdout
    file = tmp_path / "conv.png"
    one = run("explain", "--preset", "arch-2", *SHAPES, "--layer", "conv1", "--plot", str(file))
    assert "and 36 smaller products" in one.stdout
    assert file.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("preset", presets.ORDER)
def test_every_layer_of_every_preset_can_be_drawn(preset: str, tmp_path: Path) -> None:
    file = tmp_path / "all.png"
    options = ("--preset", preset, *SHAPES)
    layers = [each["name"] for each in explained(*options)["layers"]]
    kinds = {name.rstrip("0123456789").split(".")[-1].rstrip("0123456789"): name for name in layers}
    for name in kinds.values():
        backward = [] if name in ("bytes", "softmax", "loss") else ["--backward"]
        drawn = run("explain", *options, "--layer", name, "--plot", str(file), *backward)
        assert drawn.exit_code == 0, drawn.output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--layer", "conv9"], "there is no layer 'conv9'; there are bytes, input, conv1"),
        (["--layer", "conv1", "--at", "9,9,9"], "conv1 has nothing at 9,9,9: it is 8 x 8 x 10"),
        (["--layer", "conv1", "--at", "a,b"], "--at: 'a,b' is no place; write indices from 0"),
        (["--image", "1000000"], "--image: there is no test image 1000000; there are 0 to"),
        (["--image", "-1"], "--image: there is no test image -1; there are 0 to"),
        (["--image", "nowhere.png"], "there is no file nowhere.png"),
        (["--image", "0", "--label", "disc"], "--label: it is for picture files"),
        (["--of", "unicorn"], "--of: there is no class 'unicorn'; there are bar"),
        (["--checkpoint", "3"], "checkpoints are those of a run; name one"),
        (["--split", "holdout"], "holdout"),
        (["no-such-run"], "there is no run"),
        (["--plot", "no/folder/file.png"], "the folder no/folder does not exist"),
    ],
)
def test_bad_input_gets_one_sentence(arguments: list[str], says: str) -> None:
    options = [] if arguments == ["no-such-run"] else ["--preset", "arch-2", *SHAPES]
    if options:
        assert says in refused(run("explain", *options, *arguments))
    else:
        assert run("explain", *arguments).exit_code == 2
