from tui.train.drawing_budget import EARLY, EARLY_LONGEST, DrawingBudget


class Clocks:
    """Processor time and time, moved by the test."""

    def __init__(self) -> None:
        self.spent = self.at = 0.0
        self.budget = DrawingBudget(
            share=0.1, longest=2.0, spent=lambda: self.spent, clock=lambda: self.at
        )

    def allows_after(self, seconds: float, spent: float = 0.0) -> bool:
        self.at += seconds
        self.spent += spent
        return self.budget.allows()


def test_a_thread_that_does_little_may_always_draw() -> None:
    clocks = Clocks()
    assert all(clocks.allows_after(0.2, spent=0.019) for _ in range(20))


def test_a_dear_drawing_puts_the_next_off_until_its_share_has_passed() -> None:
    clocks = Clocks()
    assert clocks.allows_after(EARLY)
    assert not clocks.allows_after(0.1, spent=0.1)
    assert not clocks.allows_after(0.85)
    assert clocks.allows_after(0.1)


def test_a_drawing_is_never_put_off_for_longer_than_the_limit() -> None:
    clocks = Clocks()
    assert clocks.allows_after(EARLY)
    assert not clocks.allows_after(0.1, spent=60.0)
    assert not clocks.allows_after(1.8)
    assert clocks.allows_after(0.2)


def test_idle_time_is_no_credit() -> None:
    clocks = Clocks()
    assert clocks.allows_after(3600.0)
    assert not clocks.allows_after(0.1, spent=0.1)


def test_the_first_drawings_of_a_training_are_due_sooner() -> None:
    clocks = Clocks()
    for _ in range(5):
        assert not clocks.allows_after(EARLY_LONGEST - 0.1, spent=1.0)
        assert clocks.allows_after(0.15, spent=1.0)


def test_what_was_spent_before_a_training_is_forgiven() -> None:
    clocks = Clocks()
    assert clocks.allows_after(EARLY)
    assert not clocks.allows_after(0.1, spent=60.0)
    clocks.budget.begin()
    assert clocks.allows_after(0.1)
