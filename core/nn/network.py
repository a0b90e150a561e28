"""A chain of layers with one flat parameter vector."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from core.nn import chain, workspace
from core.nn.arrays import Array
from core.nn.input_checks import check_array, check_vector
from core.nn.layer import Layer, Mode, Parameter, ShapeError, Statistic

MOMENTUM = 0.1
"""Weight of the latest batch in the running statistics, PyTorch's default."""


class Network:
    """A chain of layers, with buffers for one batch size and one dtype.

    All parameters are views into one vector and all gradients into another, in the same order:
    tensors that decay first, in the order of the layers, then the others. So an optimiser, a norm
    or a checkpoint is a vector operation, and weight decay is a slice. Two more vectors contain the
    running statistics and the batch statistics of the latest training pass.

    The given layers are prototypes: the network copies them, so several networks (one per shard of
    a batch, each on its own thread) can be built from one list and share one parameter vector.

    Args:
        layers: not allocated; the output shape of each is the input shape of the next.
        batch: largest batch size.
        dtype: dtype of parameters, gradients and activations.
        parameters: parameter vector, shared and not copied; None allocates zeros.
        gradients: vector that `backward` writes to; None allocates one.
        statistics: vector of running statistics, shared and not copied; None allocates one with
            the initial values.
        batch_stats: vector that training passes write the batch statistics to; None allocates one.
        input_gradient: whether `backward` returns dL/dx.

    Raises:
        ShapeError: if there are no layers, the shapes of two layers do not fit, `batch` is below 1,
            or a vector has another shape.
        TypeError: if a vector has another dtype, or the dtype is neither real nor complex.
        ValueError: if a vector is not contiguous.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        batch: int,
        dtype: npt.DTypeLike,
        parameters: Array | None = None,
        gradients: Array | None = None,
        statistics: Array | None = None,
        batch_stats: Array | None = None,
        *,
        input_gradient: bool = False,
    ) -> None:
        chain.check_chain(layers)
        if batch < 1:
            raise ShapeError(f"a network needs buffers for 1 image at least, not {batch}")
        self.batch = batch
        self.dtype = np.dtype(dtype)
        if self.dtype.kind not in "fc":
            raise TypeError(f"a network computes in real or complex numbers, not in {self.dtype}")
        self.layers = chain.working_copies(layers, input_gradient)
        size = self.parameter_count(layers)
        self.parameters = np.zeros(size, self.dtype) if parameters is None else parameters
        self.gradients = np.zeros(size, self.dtype) if gradients is None else gradients
        start = self.first_statistics(layers, self.dtype)
        self.statistics = start if statistics is None else statistics
        self.batch_stats = np.zeros_like(start) if batch_stats is None else batch_stats
        for name, vector, length in (
            ("parameter", self.parameters, size),
            ("gradient", self.gradients, size),
            ("statistics", self.statistics, start.size),
            ("batch statistics", self.batch_stats, start.size),
        ):
            check_vector(name, vector, length, self.dtype)
        self._tensors: dict[str, tuple[Array, Array]] = {}
        self.decay_size = 0
        """Number of leading entries of the flat vectors to which weight decay applies."""
        self._bind()
        self._memory = workspace.needs([self.layers], batch, self.dtype).allocate()
        workspace.allocate(self.layers, batch, self.dtype, self._memory)
        self._stochastic = [layer for layer in self.layers if layer.stochastic]
        self.input_shape = self.layers[0].input_shape
        self.output_shape = self.layers[-1].output_shape
        self._expect(batch)

    @staticmethod
    def parameter_count(layers: Sequence[Layer]) -> int:
        """Return the length of the flat vectors."""
        return sum(parameter.size for layer in layers for parameter in layer.parameters())

    @staticmethod
    def tensor_shapes(layers: Sequence[Layer]) -> dict[str, tuple[int, ...]]:
        """Return the shape of every tensor by its name in `tensors`."""
        return {name: tensor.shape for name, _, tensor in chain.named(layers)}

    @staticmethod
    def first_statistics(layers: Sequence[Layer], dtype: npt.DTypeLike) -> Array:
        """Return a vector of the initial running statistics."""
        specs = [statistic for layer in layers for statistic in layer.statistics()]
        starts = [np.full(statistic.size, statistic.start, dtype) for statistic in specs]
        return np.concatenate([np.empty(0, dtype), *starts])

    @staticmethod
    def buffer_bytes(
        layers: Sequence[Layer], batch: int, dtype: npt.DTypeLike, *, input_gradient: bool = False
    ) -> int:
        """Return the size in bytes of the buffers that a network of `layers` would allocate."""
        copies = chain.working_copies(layers, input_gradient)
        return workspace.needs([copies], batch, dtype).total

    @property
    def names(self) -> list[str]:
        """Names of the parameters in the order of the layers, such as `conv1.weight`."""
        learned = chain.named(self.layers)
        return [name for name, _, tensor in learned if isinstance(tensor, Parameter)]

    def tensors(self) -> dict[str, tuple[Array, Array]]:
        """Return all learned tensors by name, in the order of the layers.

        A parameter has the views (parameter, gradient); a statistic, such as `batchnorm1.mean`, has
        (running value, value of the latest batch).
        """
        return dict(self._tensors)

    def forward(self, x: Array, mode: Mode) -> Array:
        """Return the output of the network, a buffer that is reused.

        Args:
            x: C-contiguous (N, *input_shape) of the network's dtype, N as set by `resize`, at first
                the whole batch. It must not change before the backward pass.
            mode: training or evaluation.

        Returns:
            (N, *output_shape).

        Raises:
            TypeError: if the type or dtype of x differs, or `mode` is not a `Mode`.
            ShapeError: if its shape differs.
            ValueError: if it is not C-contiguous.
        """
        check_array("images", x, self._inputs, self.dtype)
        if mode.__class__ is not Mode:
            raise TypeError(f"{mode!r} is no mode; Mode.TRAINING and Mode.EVALUATION are")
        self._trained = False
        y = chain.forward(self.layers, x, mode)
        self._trained = mode is Mode.TRAINING
        return y

    def each_output(self, x: Array, mode: Mode) -> Iterator[tuple[str, Layer, Array]]:
        """Compute the network as `forward` does; yield every layer and every part of one.

        Args:
            x: as in `forward`.
            mode: as in `forward`.

        Yields:
            Name, such as `residual1.relu1`; layer; and output, a buffer that is reused and is valid
            until the next is computed. No backward pass may follow.

        Raises:
            TypeError, ShapeError, ValueError: as `forward`.
        """
        check_array("images", x, self._inputs, self.dtype)
        self._trained = False
        yield from chain.each_output(self.layers, x, mode)

    def backward(self, dlogits: Array) -> Array | None:
        """Write all parameter gradients.

        Args:
            dlogits: gradient of the loss with respect to the output of the latest forward pass,
                which must be a training pass; C-contiguous (N, *output_shape) of the network's
                dtype.

        Returns:
            The gradient (N, *input_shape) with respect to the input if the network was built with
            `input_gradient`, else None.

        Raises:
            TypeError: if the type or dtype of the gradient differs.
            ShapeError: if its shape differs.
            ValueError: if it is not C-contiguous, or the latest forward pass was not a training
                pass with as many images.
        """
        if not self._trained:
            raise ValueError(
                "a backward pass goes back over a forward pass in training with as many images, "
                "and none came before it"
            )
        check_array("gradients by the output", dlogits, self._outputs, self.dtype)
        return chain.backward(self.layers, dlogits)

    def sample(self, make: Callable[[int], np.random.Generator]) -> None:
        """Sample the random numbers of the training passes that follow.

        Args:
            make: returns the generator for a stochastic layer, given its index among the stochastic
                layers, from 0.
        """
        for number, layer in enumerate(self._stochastic):
            layer.sample(make(number))

    def update_running_stats(self, batch_stats: Sequence[Array]) -> None:
        """Move the running statistics by `MOMENTUM` towards those of a batch.

        Args:
            batch_stats: statistics of each shard of the batch; the update uses their mean, summed
                in this order.
        """
        if not self.statistics.size:
            return
        mean = batch_stats[0].copy()
        for part in batch_stats[1:]:
            np.add(mean, part, out=mean)
        np.multiply(mean, MOMENTUM / len(batch_stats), out=mean)
        np.multiply(self.statistics, 1.0 - MOMENTUM, out=self.statistics)
        np.add(self.statistics, mean, out=self.statistics)

    def resize(self, count: int) -> None:
        """Set the batch size to `count` images.

        Raises:
            ShapeError: if `count` is below 1 or above the allocated batch size.
        """
        if not 1 <= count <= self.batch:
            raise ShapeError(f"{count} images do not fit buffers for 1 to {self.batch} images")
        if count == self._inputs[0]:
            return
        for layer in self.layers:
            layer.resize(count)
        self._expect(count)

    def _expect(self, count: int) -> None:
        """Set the shapes that `forward` and `backward` expect to `count` images."""
        self._inputs = (count, *self.input_shape)
        self._outputs = (count, *self.output_shape)
        self._trained = False

    def _bind(self) -> None:
        """Bind every layer to its views into the flat vectors."""
        owned = [(layer, p) for layer in self.layers for p in layer.parameters()]
        self.decay_size = sum(p.size for _, p in owned if p.decays)
        starts = {True: 0, False: self.decay_size}
        views: dict[tuple[int, str], tuple[Array, Array]] = {}
        for layer, p in owned:
            start = starts[p.decays]
            starts[p.decays] += p.size
            views[id(layer), p.name] = (
                _view(self.parameters, start, p),
                _view(self.gradients, start, p),
            )
        for layer in self.layers:
            mine = {p.name: views[id(layer), p.name] for p in layer.parameters()}
            layer.bind(
                {name: parameter for name, (parameter, _) in mine.items()},
                {name: gradient for name, (_, gradient) in mine.items()},
            )
        self._bind_statistics(views)
        self._tensors = {
            name: views[id(layer), t.name] for name, layer, t in chain.named(self.layers)
        }

    def _bind_statistics(self, views: dict[tuple[int, str], tuple[Array, Array]]) -> None:
        """Bind every layer to its views of statistics, and add them to `views`."""
        start = 0
        for layer in self.layers:
            for s in layer.statistics():
                views[id(layer), s.name] = (
                    _view(self.statistics, start, s),
                    _view(self.batch_stats, start, s),
                )
                start += s.size
            mine = {s.name: views[id(layer), s.name] for s in layer.statistics()}
            layer.bind_stats(
                {name: running for name, (running, _) in mine.items()},
                {name: batch for name, (_, batch) in mine.items()},
            )


def _view(vector: Array, start: int, tensor: Parameter | Statistic) -> Array:
    return vector[start : start + tensor.size].reshape(tensor.shape)
