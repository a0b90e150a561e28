"""All values and gradients of a network in PyTorch, by the names of a trace."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from core.explain import Trace
from core.explain.trace import BYTES, INPUT, LOSS, SOFTMAX
from core.layers.torch_reference import Referenced, ReferencePass
from core.nn.batchnorm import EPSILON
from core.nn.layer import Mode
from core.nn.residual import SHORTCUT


class RecordingPass(ReferencePass):
    """A forward pass that keeps the output of every layer, with its gradient."""

    def __init__(
        self,
        torch: Any,
        tensors: dict[str, Any],
        masks: Iterator[Any],
        mode: Mode,
        found: dict[str, Any],
        prefix: str = "",
    ) -> None:
        super().__init__(torch, tensors, masks)
        self._mode, self._found, self._prefix = mode, found, prefix

    def run(self, specs: Sequence[Referenced], x: Any) -> tuple[Any, list[Any]]:
        counts = Counter[str]()
        for spec in specs:
            if spec.takes_vectors and x.ndim > 2:
                x = self._keep(counts, "flatten", x.flatten(1))
            counts[spec.kind] += 1
            name = f"{spec.kind}{counts[spec.kind]}"
            counts[spec.kind] -= 1
            at = self.within(name)
            x = self._keep(counts, spec.kind, at._output(spec, x))
        return x, []

    def within(self, name: str) -> "RecordingPass":
        own = super().within(name)
        prefix = f"{self._prefix}{name}."
        return RecordingPass(self.torch, own.tensors, self._masks, self._mode, self._found, prefix)

    def _output(self, spec: Referenced, x: Any) -> Any:
        if self._mode is Mode.EVALUATION:
            if spec.kind == "dropout":
                return x * 1.0
            if spec.kind == "batchnorm":
                t = self.tensors
                u = (x - t["mean"]) / (t["variance"] + EPSILON).sqrt()
                return t["gamma"] * u + t["beta"]
        return spec.reference(x, self)

    def _keep(self, counts: Counter[str], kind: str, x: Any) -> Any:
        counts[kind] += 1
        x = x * 1.0  # a view has no gradient of its own
        x.retain_grad()
        self._found[f"{self._prefix}{kind}{counts[kind]}"] = x
        return x


def values(trace: Trace) -> tuple[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]]:
    """Return values, their gradients, and the gradients of the parameters, as NumPy arrays."""
    import torch

    subject = trace.subject
    tensors = {
        name: torch.from_numpy(np.array(value)).requires_grad_(name in trace.weights)
        for name, value in subject.tensors.items()
    }
    masks = [
        torch.from_numpy(node.seen.tensors["mask"])
        for node in trace.nodes.values()
        if node.seen is not None and "mask" in node.seen.tensors
    ]
    x = torch.from_numpy(trace.nodes[INPUT].y.copy()).requires_grad_()
    found: dict[str, Any] = {INPUT: x}
    logits, _ = RecordingPass(torch, tensors, iter(masks), trace.mode, found).run(subject.specs, x)
    losses = torch.nn.functional.cross_entropy(
        logits,
        torch.tensor(trace.labels),
        label_smoothing=trace.smoothing,
        reduction="none",
    )
    target = losses.sum() * trace.scale if trace.of is None else logits[0, trace.of]
    target.backward()
    found |= {SOFTMAX: logits.softmax(1), LOSS: losses}
    values = {BYTES: trace.nodes[BYTES].y, **{k: v.detach().numpy() for k, v in found.items()}}
    gradients = {k: v.grad.numpy() for k, v in found.items() if k not in (SOFTMAX, LOSS)}
    for name, node in trace.nodes.items():
        if f"{name}.{SHORTCUT}" in trace.nodes:
            # PyTorch adds what the short way gives without keeping it.
            branch, shortcut = node.sources
            values[shortcut] = values[name] - values[branch]
            gradients[shortcut] = gradients[name]
    return values, gradients, {name: tensors[name].grad.numpy() for name in trace.weights}
