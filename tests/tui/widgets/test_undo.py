"""The line of states, against the simplest model of one."""

from hypothesis import given
from hypothesis import strategies as st

from tui.widgets import undo
from tui.widgets.undo import History


def test_goes_back_and_forward():
    history = History(0)
    history.record(1)
    history.record(2)
    assert history.undo()
    assert history.present == 1
    assert history.redo()
    assert history.present == 2
    assert not history.redo()


def test_nothing_to_undo():
    history = History("a")
    assert not history.undo()
    assert history.present == "a"


def test_what_was_undone_is_forgotten_by_the_next_change():
    history = History(0)
    history.record(1)
    history.undo()
    history.record(5)
    assert not history.redo()
    assert history.present == 5


def test_steps_under_one_tag_are_undone_as_one():
    history = History(0)
    for state in (1, 2, 3):
        history.record(state, "rate")
    history.record(10, "cycles")
    history.undo()
    assert history.present == 3
    history.undo()
    assert history.present == 0


def test_a_seal_parts_steps_under_one_tag():
    history = History(0)
    history.record(1, "rate")
    history.seal()
    history.record(2, "rate")
    history.undo()
    assert history.present == 1


def test_an_undo_parts_steps_under_one_tag():
    history = History(0)
    history.record(1)
    history.record(2, "rate")
    history.undo()
    history.record(3, "rate")
    history.undo()
    assert history.present == 1


def test_steps_that_come_back_leave_nothing_to_undo():
    history = History(0)
    history.record(1, "rate")
    history.record(0, "rate")
    assert not history.undo()


def test_the_same_state_is_no_change():
    history = History(0)
    history.record(1)
    history.undo()
    history.record(0)
    assert history.redo(), "recording what already holds must not forget the future"


def test_keeps_a_bounded_number():
    history = History(0)
    for state in range(1, undo.LIMIT + 51):
        history.record(state)
    while history.undo():
        pass
    assert history.present == 50


@given(st.lists(st.integers(0, 3) | st.sampled_from(["undo", "redo"]), max_size=60))
def test_is_a_list_with_a_place_in_it(steps):
    history, states, place = History(0), [0], 0
    for step in steps:
        if step == "undo":
            assert history.undo() == (place > 0)
            place = max(0, place - 1)
        elif step == "redo":
            assert history.redo() == (place < len(states) - 1)
            place = min(len(states) - 1, place + 1)
        else:
            history.record(step)
            if step != states[place]:
                states = [*states[: place + 1], step]
                place += 1
        assert history.present == states[place]
