"""Experiments in files: round trips, and errors of one sentence for invalid files."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.config.architecture import ShortForm
from core.config.experiment import FIELDS, Experiment
from core.config.toml import MAX_FILE_BYTES
from core.layers.conv import Conv
from core.layers.linear import Linear
from core.layers.registry import kinds, parse
from core.layers.relu import Relu
from core.settings import SettingError, settings_of
from tests.strategies import experiments, outcome, values, values_of

KINDS = ", ".join(kinds())


@given(experiments())
def test_toml_keeps_everything(experiment: Experiment) -> None:
    text = experiment.to_toml()
    again = Experiment.from_toml(text)
    assert again == experiment
    assert again.to_toml() == text
    # Equal by value is not enough: 1 and 1.0 are, and would be written differently.
    assert repr(again) == repr(experiment)


@given(experiments())
def test_toml_says_everything(experiment: Experiment) -> None:
    assert set(tomllib.loads(experiment.to_toml())) == set(Experiment.model_fields)


@given(values())
def test_what_is_written_is_what_there_is(drawn: dict[str, Any]) -> None:
    experiment = Experiment.of(drawn)
    for setting in FIELDS:
        assert getattr(experiment, setting.name) == drawn[setting.name]
    if isinstance(drawn["architecture"], list):
        for layer, wanted in zip(experiment.architecture, drawn["architecture"], strict=True):
            assert layer == parse([wanted])[0]
            assert all(getattr(layer, name) == wanted[name] for name in wanted if name != "layers")


@given(data=st.data(), experiment=experiments())
def test_every_field_can_be_assigned_as_on_the_command_line(
    data: st.DataObject, experiment: Experiment
) -> None:
    setting = data.draw(st.sampled_from(FIELDS))
    value = data.draw(values_of(setting))
    changed, error = outcome(lambda: experiment.assign(f" {setting.name} = {value}"))
    if changed is None:
        # A value inside its range is refused only where two settings do not go together.
        assert error is not None
        assert error.field == ""
    else:
        assert changed == experiment.changed(**{setting.name: value})
        assert getattr(changed, setting.name) == value


@given(data=st.data(), setting=st.sampled_from([field for field in FIELDS if not field.choices]))
def test_values_outside_their_range_are_refused(data: st.DataObject, setting: Any) -> None:
    outside = data.draw(
        st.floats(max_value=setting.low, exclude_max=True)
        | st.floats(min_value=setting.high, exclude_min=True)
        if setting.type is float
        else st.integers(max_value=int(setting.low) - 1)
        | st.integers(min_value=int(setting.high) + 1)
    )
    with pytest.raises(SettingError) as caught:
        Experiment().changed(**{setting.name: outside})
    assert caught.value.field == setting.name
    assert f"from {setting.show(setting.low)} to {setting.show(setting.high)}" in str(caught.value)


def test_settings_that_depend_on_each_other_are_assigned_in_any_order() -> None:
    changes = ("batch_size=1", "shards=1")
    assert Experiment().assign(*changes) == Experiment().assign(*reversed(changes))
    with pytest.raises(SettingError):
        Experiment().assign("batch_size=1")


def test_symbols_stand_for_settings_in_assignments() -> None:
    assert Experiment().assign("lambda=0.01").weight_decay == 0.01
    assert Experiment().assign("n_s=500").half_cycle == 500
    assert Experiment().assign("name=mine").name == "mine"
    layers = ShortForm.expand("2x2/3/50", 10)
    assert Experiment().assign("architecture=2x2/3/50").architecture == layers


def test_short_form() -> None:
    layers = ShortForm.expand("4x4 / 10 / 50", 10)
    assert layers == (
        Conv(filter=4, filters=10, stride=4),
        Relu(),
        Linear(units=50),
        Relu(),
        Linear(units=10),
    )
    assert ShortForm.of(layers, 10) == "4x4/10/50"
    assert 'architecture = "4x4/10/50"' in Experiment(architecture=layers).to_toml()
    longer = (*layers[:3], Relu(), *layers[3:])
    assert ShortForm.of(longer, 10) is None
    assert ShortForm.of((Conv(filter=4, filters=10, stride=2), *layers[1:]), 10) is None
    assert ShortForm.of((*layers[:4], Linear(units=11)), 10) is None


@given(side=st.integers(1, 64), filters=st.integers(1, 1024), hidden=st.integers(1, 4096))
def test_short_form_and_back(side: int, filters: int, hidden: int) -> None:
    text = f"{side}x{side}/{filters}/{hidden}"
    assert ShortForm.of(ShortForm.expand(text, 10), 10) == text


def test_total_updates_are_those_of_the_schedule() -> None:
    assert Experiment().total_updates == 4800
    assert Experiment(half_cycle=800, cycles=4, growth=2).total_updates == 24_000
    assert Experiment(half_cycle=1, cycles=3, growth=0.1).total_updates == 6
    assert Experiment(max_updates=70).total_updates == 70
    assert Experiment(max_updates=70_000).total_updates == 4800
    assert Experiment(schedule="constant", half_cycle=50, cycles=2).total_updates == 200


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("eta_mx = 1", "eta_mx: there is no such setting; did you mean 'eta_max'?"),
        ("half_cycles = 3", "half_cycles: there is no such setting; did you mean 'half_cycle'?"),
        ("optimizer = 'adam'", "optimizer: there is no such setting; did you mean 'optimiser'?"),
        ("optimiser = 'adam'", "optimiser: 'adam' is none of sgd, adamw"),
        ("dataset = 'mnist'", "dataset: 'mnist' is none of auto, cifar10, synthetic"),
        ("dataset = true", "dataset: true is none of auto, cifar10, synthetic"),
        ("foo = true", "foo: there is no such setting"),
        (
            "architecture = true",
            'architecture: true is no architecture; write the short form, such as "4x4/10/50", '
            "or a list of layers",
        ),
        ("dataset = ['cifar10']", "dataset: a list is none of auto, cifar10, synthetic"),
        ("eta_max = 0", "eta_max: 0 is below its range; it goes from 1e-7 to 10"),
        ("eta_max = 20", "eta_max: 20 is above its range; it goes from 1e-7 to 10"),
        ("eta_max = nan", "eta_max: nan is not a number; it goes from 1e-7 to 10"),
        ("eta_max = 'a'", "eta_max: 'a' is not a number; it goes from 1e-7 to 10"),
        ("eta_max = [1]", "eta_max: a list is not a number; it goes from 1e-7 to 10"),
        ("[eta_max]\nx = 1", "eta_max: a table is not a number; it goes from 1e-7 to 10"),
        ("eta_max = 1979-05-27", "eta_max: 1979-05-27 is not a number; it goes from 1e-7 to 10"),
        ("cycles = true", "cycles: true is not a whole number; it goes from 1 to 100"),
        ("cycles = 1.5", "cycles: 1.5 is not a whole number; it goes from 1 to 100"),
        ("dtype = 'float16'", "dtype: 'float16' is none of float32, float64"),
        ("name = 3", "name: 3 is not text"),
        ("name = ' '", "name: it needs 1 to 100 characters that can be printed"),
        ('name = "a\\nb"', "name: it needs 1 to 100 characters that can be printed"),
        (
            "eta_min = 0.5",
            "eta_min 0.5 is above eta_max 0.1; lower the one or raise the other",
        ),
        (
            "shards = 30\nbatch_size = 20",
            "30 shards cannot share a batch of 20; every shard needs an image",
        ),
        (
            "half_cycle = 1000000\ncycles = 6",
            "the run would take more than 10,000,000 updates; lower half_cycle, cycles or growth, "
            "or set max_updates",
        ),
        (
            "architecture = 3",
            'architecture: 3 is no architecture; write the short form, such as "4x4/10/50", '
            "or a list of layers",
        ),
        (
            "[architecture]\nkind = 'conv'",
            "architecture: a table is no architecture; write the short form, such as "
            '"4x4/10/50", or a list of layers',
        ),
        ("architecture = []", "architecture: it has 0 layers; it needs 1 to 64"),
        (
            "architecture = [" + "{kind='relu'}," * 65 + "]",
            "architecture: it has 65 layers; it needs 1 to 64",
        ),
        (
            "architecture = '4x5/10/50'",
            "architecture: '4x5/10/50' is no architecture; the short form is "
            "filter x filter / filters / hidden, such as 4x4/10/50",
        ),
        (
            "architecture = '0x0/10/50'",
            "architecture: '0x0/10/50': filter: 0 is below its range; it goes from 1 to 64",
        ),
        (
            "architecture = '4x4/10/5000'",
            "architecture: '4x4/10/5000': units: 5000 is above its range; it goes from 1 to 4,096",
        ),
        (
            "architecture = [{kind='relu'}, 3]",
            'architecture: layer 2: 3 is no layer; write a table, such as {kind = "relu"}',
        ),
        (
            "architecture = [{filter=3}]",
            f"architecture: layer 1 needs a kind: one of {KINDS}",
        ),
        (
            "architecture = [{kind='conf'}]",
            f"architecture: layer 1: there is no layer 'conf'; there are {KINDS}",
        ),
        (
            "architecture = [{kind=0x" + "f" * 5000 + "}]",
            "architecture: layer 1: there is no layer a number of more than 30 digits; "
            f"there are {KINDS}",
        ),
        (
            "architecture = [{kind='relu'}, {kind='conv', filter=0}]",
            "architecture: layer 2 (conv): filter: 0 is below its range; it goes from 1 to 64",
        ),
        (
            "architecture = [{kind='conv', filtres=3}]",
            "architecture: layer 1 (conv): filtres: there is no such setting; "
            "did you mean 'filters'?",
        ),
        (
            "architecture = [{kind='relu', slope=3}]",
            "architecture: layer 1 (relu): slope: there is no such setting; it has none",
        ),
        (
            "architecture = [{kind='linear', units=true}]",
            "architecture: layer 1 (linear): units: true is not a whole number; "
            "it goes from 1 to 4,096",
        ),
        ("nesterov = true", "nesterov: true is none of off, on"),
        ("momentum = 1", "momentum: 1 is above its range; it goes from 0 to 0.999"),
        (
            "architecture = [{kind='dropout', probability=1}]",
            "architecture: layer 1 (dropout): probability: 1 is above its range; "
            "it goes from 0 to 0.95",
        ),
        ("eta_max =", "the text is not TOML: Invalid value (at end of document)"),
        ("x = " + "[" * 5000, "the text holds no settings: it nests too deeply"),
        ("seed = " + "9" * 5000, "the text holds a number with too many digits"),
        (
            "seed = 0x" + "f" * 5000,
            "seed: a number of more than 30 digits is above its range; "
            "it goes from 0 to 2147483647",
        ),
    ],
    ids=lambda text: text[:24],
)
def test_typical_mistakes_get_a_clear_sentence(text: str, message: str) -> None:
    with pytest.raises(SettingError) as caught:
        Experiment.from_toml(text)
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["eta_max", "", "=1", "eta_max=", "x=1", "cycles=a", "name="])
def test_assignments_that_say_nothing_are_refused(text: str) -> None:
    with pytest.raises(SettingError) as caught:
        Experiment().assign(text)
    assert "\n" not in str(caught.value)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(10**20, 10**6000)
    | st.floats()
    | st.text(max_size=50)
    | st.dates()
    | st.just("4x4/10/50")
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(("kind", "filter", "units", "stride")) | st.text(max_size=8),
            inner | st.sampled_from(("conv", "linear", "pool")),
            max_size=4,
        )
    ),
    max_leaves=12,
)
NAMES = st.sampled_from(sorted(Experiment.model_fields)) | st.text(max_size=30)


@given(st.dictionaries(NAMES, ANYTHING, max_size=5))
@settings(max_examples=300)
def test_any_values_make_an_experiment_or_one_sentence(drawn: dict[str, Any]) -> None:
    experiment, error = outcome(lambda: Experiment.of(drawn))
    if experiment is not None:
        assert Experiment.from_toml(experiment.to_toml()) == experiment
    assert error is None or len(str(error)) < 300
    assert error is None or "\n" not in error.reason


LINES = st.sampled_from(
    [
        *(f"{name} = " for name in Experiment.model_fields),
        "[architecture]",
        "[[architecture]]",
        "kind = 'conv'",
        "filter = 3",
        "units = ",
        "1e400",
        "0x" + "f" * 6000,
        "9" * 4400,
        "nan",
        "-inf",
        "true",
        "'4x4/10/50'",
        "'''",
        '"',
        "[" * 2000,
        "{a = " * 500,
        "a." * 3000 + "a = 1",
        "\0",
        "\N{BYTE ORDER MARK}",
        "]",
        "}",
        "1979-05-27T07:32:00-25:99",
        "\n",
        "=",
        "#",
    ]
)


@given(st.lists(LINES | st.text(max_size=20), max_size=12).map("".join))
@settings(max_examples=300)
def test_any_text_makes_an_experiment_or_one_sentence(text: str) -> None:
    _, error = outcome(lambda: Experiment.from_toml(text, "file.toml"))
    assert error is None or len(str(error)) < 400


@given(content=st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_makes_an_experiment_or_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(content)
    _, error = outcome(lambda: Experiment.read(path))
    assert error is None or str(path) in str(error)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"name = '\xff\xfe'", "{path} is not TOML: it is not UTF-8 text"),
        (b"#" * 1_000_000, "{path} is too large for settings: over 100,000 bytes"),
        (b"cycles = 0", "{path}: cycles: 0 is below its range; it goes from 1 to 100"),
        (b"cycles", "{path} is not TOML: Expected '=' after a key in a key/value pair "
                    "(at end of document)"),
        (b"a = " + b"[" * 90_000, "{path} holds no settings: it nests too deeply"),
    ],
    ids=["not UTF-8", "large", "out of range", "not TOML", "deep"],
)  # fmt: skip
def test_bad_files_are_named(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(content)
    with pytest.raises(SettingError) as caught:
        Experiment.read(path)
    assert str(caught.value) == reason.format(path=path)


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.toml", tmp_path / ("x" * 300)):
        with pytest.raises(SettingError, match=r"cannot read .*"):
            Experiment.read(path)


def test_a_file_reads_back(tmp_path: Path) -> None:
    experiment = Experiment(name="größer", cycles=2, architecture=ShortForm.expand("2x2/3/7", 10))
    path = tmp_path / "settings.toml"
    path.write_text(experiment.to_toml(), encoding="utf-8")
    assert Experiment.read(path) == experiment
    # Some editors put a byte order mark at the beginning.
    path.write_text(experiment.to_toml(), encoding="utf-8-sig")
    assert Experiment.read(path) == experiment
    path.write_bytes(b"#" * (MAX_FILE_BYTES - 11) + b"\ncycles = 2")
    assert Experiment.read(path).cycles == 2


def test_an_experiment_never_changes() -> None:
    experiment = Experiment()
    with pytest.raises(ValueError, match="frozen"):
        experiment.cycles = 2  # type: ignore[misc]
    with pytest.raises(ValueError, match="frozen"):
        experiment.architecture[0].filter = 2  # type: ignore[union-attr, misc]
    assert experiment.changed(cycles=2) == Experiment(cycles=2)
    assert experiment == Experiment()
    assert hash(experiment) == hash(Experiment())
    assert all(setting.name in Conv.model_fields for setting in settings_of(Conv))


def test_a_name_of_many_parts_takes_no_memory() -> None:
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(SettingError, match="has too many parts"):
        Experiment.from_toml("a." * 45_000 + "a = 1")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_a_file_may_name_a_setting_by_its_symbol() -> None:
    found = Experiment.from_toml("lambda = 0.01\nn_s = 500\nmu = 0.9")
    assert (found.weight_decay, found.half_cycle, found.momentum) == (0.01, 500, 0.9)


@pytest.mark.parametrize("text", ["lambda = 1\nweight_decay = 2", "weight_decay = 2\nlambda = 1"])
def test_a_file_that_names_a_setting_twice_is_refused(text: str) -> None:
    with pytest.raises(SettingError, match="is the same setting as weight_decay"):
        Experiment.from_toml(text)


def test_a_file_says_how_lambda_compares_with_pytorch() -> None:
    text = Experiment().to_toml()
    note = text.index("PyTorch's weight_decay")
    assert text[note:].index("\nweight_decay = 0.003") < 80
    assert Experiment.from_toml(text) == Experiment()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lambda = -1", "lambda (weight_decay): -1 is below its range; it goes from 0 to 10"),
        ("mu = 1.0", "mu (momentum): 1 is above its range"),
        ("name = true", "name: true is not text"),
    ],
)
def test_a_mistake_has_the_name_that_was_written(text: str, words: str) -> None:
    with pytest.raises(SettingError) as caught:
        Experiment.from_toml(text)
    assert words in str(caught.value)


def test_an_assignment_that_fails_has_the_name_that_was_written() -> None:
    with pytest.raises(SettingError, match=r"n_s \(half_cycle\): 0 is below its range"):
        Experiment().assign("n_s=0")


@pytest.mark.parametrize(
    ("name", "instead"),
    [("lr", "eta_max"), ("wd", "weight_decay"), ("bs", "batch_size"), ("n_sx", "half_cycle")],
)
def test_names_of_other_programs_are_answered_by_those_of_this_one(name: str, instead: str) -> None:
    with pytest.raises(SettingError, match=f"did you mean '{instead}'"):
        Experiment().assign(f"{name}=3")
