import numpy as np
import numpy.typing as npt
import pytest

from core.data.dataset import DataError, Images
from core.data.normalise import Normaliser


def pictures(seed: int, count: int) -> Images:
    return np.random.default_rng(seed).integers(0, 256, (count, 32, 32, 3), np.uint8)


@pytest.mark.parametrize("count", [1, 2, 255, 256, 257, 600])
def test_statistics_are_those_of_numpy(count: int) -> None:
    images = pictures(count, count)
    pixel, channel = Normaliser(images), Normaliser(images, per="channel")
    deviation = images.std(axis=0)
    deviation[deviation == 0] = 1
    np.testing.assert_allclose(pixel.mean, images.mean(axis=0), rtol=1e-13)
    np.testing.assert_allclose(pixel.deviation, deviation, rtol=1e-9)
    np.testing.assert_allclose(channel.mean, images.mean(axis=(0, 1, 2)), rtol=1e-13)
    np.testing.assert_allclose(channel.deviation, images.std(axis=(0, 1, 2)), rtol=1e-9)
    assert pixel.mean.shape == (32, 32, 3)
    assert channel.mean.shape == (3,)


def test_the_brightest_images_are_summed_exactly() -> None:
    # 256 squares of 255 are the largest sum that float32 has to hold.
    images = np.full((512, 32, 32, 3), 255, np.uint8)
    images[-1, 0, 0] = 254
    normaliser = Normaliser(images)
    assert normaliser.mean[1, 1, 1] == 255
    assert normaliser.mean[0, 0, 0] == 255 - 1 / 512
    np.testing.assert_allclose(normaliser.deviation[0, 0, 0], np.sqrt(511) / 512, rtol=1e-15)


@pytest.mark.parametrize("per", ["pixel", "channel"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_apply(per: str, dtype: npt.DTypeLike) -> None:
    images = pictures(0, 300)
    normaliser = Normaliser(images, per=per)  # type: ignore[arg-type]
    out = np.full((20, 32, 32, 3), np.nan, dtype)
    for _ in range(2):
        normaliser.apply(images[7:27], out)
    expected = (images[7:27] - normaliser.mean) / normaliser.deviation
    np.testing.assert_allclose(out, expected, rtol=0, atol=1e-6 if dtype == np.float32 else 1e-14)


def test_a_pixel_that_never_varies_becomes_zero() -> None:
    images = pictures(0, 50)
    images[:, 3, 4, 1] = 77
    normaliser = Normaliser(images)
    out = np.empty(images.shape, np.float64)
    normaliser.apply(images, out)
    assert normaliser.deviation[3, 4, 1] == 1
    assert np.all(out[:, 3, 4, 1] == 0)
    assert np.all(np.isfinite(out))


def test_no_images() -> None:
    with pytest.raises(DataError, match="no training images"):
        Normaliser(pictures(0, 0))
