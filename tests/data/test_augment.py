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


def test_more_images_than_one_block() -> None:
    count = 2 * augment.BLOCK + 3
    images = pictures(10).images
    rng = np.random.default_rng(1)
    rows = rng.integers(0, 10, count)
    transforms = augment.draw(rng, count, 0.5, 3)
    out = np.empty((count, 32, 32, 3), np.uint8)
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


def test_offline_copies_follow_the_originals() -> None:
    train = pictures(20)
    more = augment.offline_copies(train, 3, 12, 1.0, 0)
    assert len(more) == 32
    np.testing.assert_array_equal(more.images[:20], train.images)
    np.testing.assert_array_equal(more.labels[:20], train.labels)
    rows = [sources(image, train) for image in more.images[20:]]
    assert len(set(rows)) == 12
    np.testing.assert_array_equal(more.labels[20:], train.labels[rows])


def sources(copy: Images, train: Split) -> int:
    (found,) = np.flatnonzero([np.array_equal(copy[:, ::-1], image) for image in train.images])
    return int(found)


def test_more_copies_than_images_use_each_equally_often() -> None:
    train = pictures(6)
    more = augment.offline_copies(train, 0, 15, 1.0, 0)
    rows = [sources(image, train) for image in more.images[6:]]
    assert sorted(rows[:6]) == sorted(rows[6:12]) == list(range(6))
    assert len(set(rows[12:])) == 3


def test_offline_copies_are_a_function_of_the_seed() -> None:
    train = pictures(20)
    first, again, other = (augment.offline_copies(train, seed, 12, 0.5, 3) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.images, again.images)
    assert not np.array_equal(first.images, other.images)


def test_no_copies() -> None:
    assert len(augment.offline_copies(pictures(5), 0, 0, 0.5, 3)) == 5


def test_a_fresh_epoch_is_a_function_of_seed_and_epoch() -> None:
    train = pictures(30)

    def epoch(seed: int, number: int) -> Images:
        out = np.zeros_like(train.images)
        augment.fresh_epoch(train, seed, number, 0.5, 3, out)
        return out

    np.testing.assert_array_equal(epoch(1, 4), epoch(1, 4))
    assert not np.array_equal(epoch(1, 4), epoch(1, 5))
    assert not np.array_equal(epoch(1, 4), epoch(2, 4))


def test_a_fresh_epoch_keeps_every_image_in_its_row() -> None:
    train = pictures(30)
    out = np.zeros_like(train.images)
    augment.fresh_epoch(train, 0, 0, 1.0, 0, out)
    np.testing.assert_array_equal(out, train.images[:, :, ::-1])
