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
        ("train --threads 0", "--threads: '0' is below its range; it begins at 1"),
        ("train --checkpoint-every x", "--checkpoint-every: 'x' is not a number"),
        ("train --checkpoint-every nan", "--checkpoint-every: 'nan' is not a number"),
        ("tarin", "no such command 'tarin'; did you mean 'train'; see `convsole --help`"),
        ("runs shw", "see `convsole runs --help`"),
        ("evaluate", "missing argument 'RUN'; see `convsole evaluate --help`"),
        ("runs show a b", "see `convsole runs show --help`"),
        ("train --no\x1b[31m", r"no such option: --no\x1b[31m"),
    ],
)
def test_each_is_answered_in_one_sentence(words: str, said: str) -> None:
    assert said in refused(run(*words.split()))
