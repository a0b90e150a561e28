"""One image through a network, value by value, forward and back.

    subject = Subject.of(checkpoint)               # or Subject.fresh(experiment, dataset)
    trace = run(subject, image, label)             # every activation and every gradient
    trace.explain("conv1", (3, 4, 7))              # the sum behind an activation
    trace.explain_gradient("conv1", (3, 4, 7))     # the sum behind its gradient
    trace.explain_weight("conv1.weight", (0, 1, 2, 7))

The layers run in the order in which they are written, not in the fused one of a training.
"""

from core.errors import ExplainError
from core.explain.explained import Explained
from core.explain.run import run, run_in_batch
from core.explain.subject import Subject
from core.explain.trace import Trace

__all__ = ["ExplainError", "Explained", "Subject", "Trace", "run", "run_in_batch"]
