"""Tests of wrong options and arguments."""

import pytest

from tests.tui.cli.commands import refused, run


def test_a_group_without_a_command_shows_its_help() -> None:
    text = run("runs").output
    assert "Commands:\n  list " in text
    assert "convsole: " not in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("train --threads x", "--threads: 'x' is not a whole number; see `convsole train --help`"),
        ("predict x --top 99 y.png", "--top: '99' is above its range; it ends at 10"),
        ("train --threads 0", "--threads: '0' is below its range; it begins at 1"),
        ("train --checkpoint-every x", "--checkpoint-every: 'x' is not a number"),
        ("train --checkpoint-every nan", "--checkpoint-every: 'nan' is not a number"),
        ("train --set", "'--set' requires an argument; see `convsole train --help`"),
        ("runs --foo", "no such option: --foo; see `convsole runs --help`"),
        ("runs list --foo", "no such option: --foo; see `convsole runs list --help`"),
        ("--data", "'--data' requires an argument; see `convsole --help`"),
        ("tarin", "no such command 'tarin'; did you mean 'train'; see `convsole --help`"),
        ("runs shw", "see `convsole runs --help`"),
        ("evaluate", "missing argument 'RUN'; see `convsole evaluate --help`"),
        ("runs show a b", "see `convsole runs show --help`"),
        ("train --no\x1b[31m", r"no such option: --no\x1b[31m"),
    ],
)
def test_each_is_answered_in_one_sentence(words: str, said: str) -> None:
    assert said in refused(run(*words.split()))


@pytest.mark.parametrize(
    "words",
    [
        "gradcheck --tolerance 3",
        "gradcheck --batch 0",
        "gradcheck --reference central --dtype float32",
        "bench --threads 0",
        "bench --arch nowhere",
        "lr-find --low 0",
        "reproduce --seeds 0",
        "reproduce --quick --seeds 2",
        "train --seed -1",
    ],
)
def test_an_error_in_the_value_of_an_option_names_the_option(words: str) -> None:
    *_, option, _ = words.split()
    assert f"convsole: {option}: " in refused(run(*words.split()))
