import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.data import augment
from core.data.augment import Transforms
from core.data.dataset import Images, Split


def pictures(count: int, seed: int = 0) -> Split:
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (count, 32, 32, 3), np.uint8)
    return Split(images, np.arange(count) % 10)


def one_by_one(images: Images, rows: np.ndarray, transforms: Transforms) -> Images:
    """The same transform in plain loops over the pixels."""
    out = np.zeros((len(rows), *images.shape[1:]), np.uint8)
    for i, row in enumerate(rows):
        image = images[row, :, ::-1] if transforms.flip[i] else images[row]
        for y in range(32):
            for x in range(32):
                from_y = min(max(y - int(transforms.dy[i]), 0), 31)
                from_x = min(max(x - int(transforms.dx[i]), 0), 31)
                out[i, y, x] = image[from_y, from_x]
    return out


@given(st.integers(0, 2**31), st.integers(0, 16), st.floats(0, 1))
def test_apply_agrees_with_the_plain_loop(seed: int, shift: int, chance: float) -> None:
    rng = np.random.default_rng(seed)
    images = pictures(5, seed).images
    rows = rng.integers(0, 5, 3)
    transforms = augment.draw(rng, 3, chance, shift)
    out = np.empty((3, 32, 32, 3), np.uint8)
    augment.apply(images, rows, transforms, out)
    np.testing.assert_array_equal(out, one_by_one(images, rows, transforms))


def test_down_and_right_are_positive_and_the_edge_is_repeated() -> None:
    images = pictures(1).images
    out = np.empty_like(images)
    transforms = Transforms(np.array([False]), np.array([2]), np.array([1]))
    augment.apply(images, np.array([0]), transforms, out)
    np.testing.assert_array_equal(out[0, 2:, 1:], images[0, :-2, :-1])
    np.testing.assert_array_equal(out[0, 0, 1:], images[0, 0, :-1])
    np.testing.assert_array_equal(out[0, 2:, 0], images[0, :-2, 0])


def test_draw_covers_its_range_and_no_more() -> None:
    transforms = augment.draw(np.random.default_rng(0), 4000, 0.25, 2)
    for shift in (transforms.dy, transforms.dx):
        assert set(shift.tolist()) == {-2, -1, 0, 1, 2}
    assert 0.2 < transforms.flip.mean() < 0.3
    assert not augment.draw(np.random.default_rng(0), 100, 0, 0).flip.any()
    assert augment.draw(np.random.default_rng(0), 100, 1, 0).flip.all()
