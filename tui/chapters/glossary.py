"""The words of the screen and what they mean: for the help, and as a chapter of the guide."""

import re
from collections.abc import Iterator
from typing import NamedTuple

NAME = "glossary"
"""Name of the chapter."""


class Term(NamedTuple):
    """A word of the screen."""

    word: str
    meaning: str
    pattern: str = ""
    """Regular expression of its forms on the screen; the word itself if empty."""


GROUPS = {
    "Layers and costs": (
        Term("/2, /4 …", "stride: how far the window moves from one place to the next",
             r", /\d+\b"),
        Term("+1, +2 …", "padding: that many zeros around the image on each side", r", \+\d+\b"),
        Term("4x4/10/50", "short form: side and number of the filters, then hidden units",
             r"\d+x\d+/\d+/\d+"),
        Term("layer", "one step of the network, from its input to its output", r"\blayers?\b"),
        Term("architecture", "the layers of a network, in their order", r"\b[Aa]rchitectures?\b"),
        Term("output", "the numbers that a layer hands on; its shape is rows x columns x channels",
             r"\boutputs?\b"),
        Term("filters", "the weights of a convolution: small patterns, each of which is laid on "
             "every place of the image", r"\bfilters?\b"),
        Term("hidden units", "outputs of a linear layer that is not the last", r"\bunits\b"),
        Term("channels", "numbers at one place: three colours at first, then one for each filter",
             r"\bchannels?\b"),
        Term("params", "numbers that are learned: weights, biases, scales and shifts",
             r"params|parameters"),
        Term("weight, bias", "what an input is multiplied by, and what is added to the sum",
             r"\bweights?\b|\bbias(es)?\b"),
        Term("gamma, beta", "scale and shift that a normalisation learns",
             r"\.gamma\b|\.beta\b"),
        Term("mult-adds", "multiplications with their additions for one image",
             r"mult(iply)?-adds|madds"),
        Term("flatten", "lays the values of all places and channels in one row; costs nothing"),
        Term("shape", "the numbers of rows, columns and so on of an array of numbers",
             r"\bshape\b"),
        Term("tensor", "an array of numbers with any number of sides: the weights of a layer, or "
             "the images", r"\btensors?\b"),
    ),
    "Training": (
        Term("update", "one step of all weights, from the gradient of one batch", r"updates?\b"),
        Term("batch", "the images whose mean gradient makes one update", r"\bbatch\b"),
        Term("epoch", "as many updates as it takes to see every training image once",
             r"epochs?\b"),
        Term("loss", "cross entropy: mean of -ln(probability of the right class)"),
        Term("cost", "the loss plus lambda times the sum of the squared weights: what is "
             "minimised", r"\bcost\b(?! )"),
        Term("class", "what an image can show; the network gives each a probability",
             r"\bclass(es)?\b"),
        Term("accuracy", "share of the images whose likeliest class is the right one",
             r"accurac(y|ies)"),
        Term("rate, eta", "learning rate: how far an update goes along the gradient",
             r"\beta_|\brates?\b|learning rate"),
        Term("lambda", "weight decay: how strongly large weights count as cost; half of "
             "PyTorch's weight_decay", r"\blambda\b"),
        Term("n_s", "half cycle: updates from the lowest rate to the highest", r"\bn_s\b"),
        Term("cyclical", "the rate climbs and falls in triangles, one for each cycle",
             r"\bcyclical\b"),
        Term("SGD, AdamW", "optimisers: a step along the gradient, or one that divides by each "
             "weight's typical gradient", r"\b(SGD|sgd|AdamW|adamw)\b"),
        Term("cycle", "from the lowest rate to the highest and back", r"\bcycles?\b"),
        Term("momentum, mu", "share of its velocity that each step keeps", r"\bmomentum\b"),
        Term("seed", "a number that all random numbers of a run follow from", r"\bseeds?\b"),
        Term("validation", "images kept out of training, by which settings are chosen",
             r"valid(ation|\.|…)?\b|\bval\."),
        Term("test", "images that decide nothing, and on which the end result is measured",
             r"\btest accuracy|\btest images|\btest +updates"),
        Term("smoothed", "in a chart: each point is a mean of its neighbours", r"\bsmoothed\b"),
        Term("FROZEN", "the charts stand still while the training goes on"),
        Term("ln 10", "loss of a network that gives each of ten classes the same probability",
             r"\bln \d+"),
        Term("deviation", "standard deviation: how far numbers are from their mean, typically",
             r"\bdeviation\b"),
        Term("by heart", "the few images alone are learned, without any regularisation",
             r"[Bb]y heart"),
        Term("regularisation", "what works against learning by heart: weight decay, dropout, "
             "augmentation, label smoothing", r"[Rr]egularisation"),
    ),
    "Health of a training": (
        Term("health", "what is recorded of every layer while it trains, to see whether it is well",
             r"\b[Hh]ealth\b"),
        Term("ratio", "norm of an update by that of the weights that it changes; about 0.001 is "
             "usual", r"\bratio\b"),
        Term("norm", "length of a tensor as one long vector: the root of the sum of its squares",
             r"\bnorm\b(?!-wise)"),
        Term("never fire", "units of a rectifier that are 0 for all of the images that are looked "
             "at: they learn nothing", r"\bnever fire\b|\bsilent\b"),
        Term("dead ReLUs", "units of a rectifier that never fire again, since no gradient reaches "
             "their weights", r"\bdead\b|\b(relu|ReLU)s\b"),
        Term("threshold", "the value from which on something is worth a warning; the file "
             "health.toml changes it", r"\b[Tt]hreshold\b|! (above|below|outside)"),
        Term("nats", "unit of the loss, which is a natural logarithm", r"\bnats\b"),
        Term("log scale", "equal steps are equal factors, so that small values are told apart, too",
             r"\blog scale\b"),
    ),
    "Gradients": (
        Term("gradient", "by how much the cost changes for a small change of each number",
             r"\b[Gg]radients?\b"),
        Term("reference", "what the gradients by hand are held against: PyTorch, central "
             "differences or the complex step", r"\b[Rr]eference\b"),
        Term("relative", "|a - b| / (|a| + |b|): 1e-7 is a difference in the seventh digit",
             r"\brelative\b|\berrors?\b"),
        Term("directions", "random ways through all weights at once, along which the slope is "
             "probed", r"\bdirections\b"),
        Term("norm-wise",
             "||a - b|| / (||a|| + ||b||), a by hand and b by the reference; it decides"),
        Term("largest abs", "largest |a - b| of all entries", "largest abs|max abs"),
        Term("largest rel", "largest |a - b| / (|a| + |b|) of all entries",
             "largest rel|max rel"),
        Term("eps", "floor of that denominator, so that entries near 0 do not count",
             r"\beps\b"),
        Term("cosine", "a . b / (||a|| ||b||): 1 where both point the same way",
             r"cosine(?= +(flips|redrawn|v\^T))"),
        Term("flips",
             "winners of ReLU and pooling that are not the reference's: rounding turned them",
             "flips|FLIP"),
        Term("kink", "where ReLU or a maximum has no slope: differences across it mean nothing",
             r"kinks?\b|redrawn"),
        Term("v^T J u", "slope along random directions through the whole tensor, against the "
             "gradient", r"v\^T J u"),
        Term("central", "central differences: (L(w + h) - L(w - h)) / (2h)",
             r"\bcentral\b"),
        Term("complex", "complex step: the imaginary part of L(w + ih) / h, exact to rounding",
             r"\bcomplex\b"),
        Term("float32, float64", "numbers with 7 and with 16 digits", r"float(32|64)"),
        Term("tolerance", "the largest error that passes", r"[Tt]olerances?\b"),
    ),
    "Benchmark": (
        Term("median", "half of the measured times are shorter, half are longer"),
        Term("its best", "PyTorch in the fastest of several ways to write the same network",
             "its best|x best"),
        Term("GEMM floor",
             "the time of the bare matrix products alone: nothing can be faster",
             "GEMM floor|over floor|/floor"),
        Term("x PyTorch", "PyTorch's time over this one: above 1 this network is faster",
             "x PyTorch|x torch"),
        Term("patches", "PyTorch's convolution as one matrix product over squares of the image",
             r"\bpatches\b"),
        Term("images/s", "images trained on in a second, forwards and backwards"),
        Term("operations", "multiplications and additions", r"\boperations\b"),
        Term("GFLOP/s", "thousand million multiplications and additions a second"),
        Term("GB/s", "thousand million bytes read and written a second"),
        Term("forward, backward", "from the images to the loss, and from the loss back to the "
             "gradients", r"forward +backward"),
        Term("noisy", "something else ran beside the measurement, which is less certain for it"),
        Term("published", "seconds of a whole run as published, NumPy : PyTorch, on other "
             "machines"),
        Term("threads", "parts of a computation that run at the same time, on one core each",
             r"\bthreads?\b"),
    ),
    "One value": (
        Term("bytes, input", "the image as it is stored, 0 to 255, and normalised",
             r"\bbytes +\d"),
        Term("exactly", "the same sum, computed anew in double precision", r"\bexactly\b"),
        Term("in its batch", "with dropout, and with the mean and the deviation of the batch that "
             "comes next in the training", r"\bin its batch\b"),
        Term("gradient of", "how much the loss rises when this value does", r"\bgradient of\b"),
        Term("logit", "what the network gives for a class: the higher, the likelier; softmax makes "
             "probabilities of all of them", r"\b[Ll]ogits?\b"),
        Term("shard", "the part of a batch that one thread computes; each has statistics of its "
             "own, so an image is run with those of its shard", r"\ba shard\b"),
        Term("0-9", "rows, columns, channels and filters are counted from 0; a place is row, "
             "column, channel", r"of 0-\d+"),
        Term("softmax, probabilities", "exponentials of the logits, divided by their sum",
             r"\b(softmax|probabilities)\b"),
        Term("cross-entropy", "the loss of an image: minus the logarithm of the probability of its "
             "class, or of all classes by their targets", r"\bcross-entropy\b"),
        Term("trace", "one pass of one image through the network and back, with every number kept",
             r"\b[Tt]race\b"),
        Term("taken for", "the class that the network gives the highest probability",
             r"\btaken for\b"),
    ),
    "Runs and predictions": (
        Term("best val.", "the highest validation accuracy of a run", r"best val"),
        Term("■ 85.2 %", "measured when a key stopped the run; counts for no best", r"■ +\d"),
        Term("checkpoint", "the state of a run as a file, from which it goes on",
             r"\bcheckpoints?\b"),
        Term("preset", "settings that come with the program, to start from", r"\b[Pp]resets?\b"),
        Term("is ↓ as →", "a row for each true class, a column for each predicted one",
             r"as ?→"),
        Term("margin", "what a difference must exceed to be more than chance", r"\bmargin\b"),
        Term("points", "difference of two accuracies, each in per cent", r"\bpoints\b"),
        Term("recipe", "an architecture and how it is trained, apart from the seed",
             r"\brecipe\b"),
        Term("crashed", "the program that trained the run ended without a word; the run can go on",
             r"\bcrashed\b"),
        Term("±", "sample standard deviation over the seeds"),
        Term("held", "a published claim that the measurements confirm", r"\b(not )?held\b"),
    ),
    "Sweeps": (
        Term("study", "a search for settings: what varies, between which bounds, how often it is "
             "tried", r"\b[Ss]tud(y|ies)\b"),
        Term("sweep", "to train the same network with many settings, to see which matter",
             r"\b[Ss]weeps?\b"),
        Term("trial", "one choice of settings in a study, trained with one seed",
             r"\b[Tt]rials?\b"),
        Term("sampler", "what chooses the settings of the next trial", r"\bsampler\b"),
        Term("random", "each trial by itself, whatever the others came to", r"\brandom\b"),
        Term("TPE", "tree-structured Parzen estimator: settings that are frequent among the best "
             "trials and rare among the others", r"\b(tpe|TPE)\b"),
        Term("pruning", "trials that are not worth it end early", r"\b[Pp]run(ing|ed)\b"),
        Term("halving", "successive halving: at each rung only the best go on, with more training",
             r"\bhalving\b"),
        Term("rung", "how far trials are trained before they are compared and the worse ones end",
             r"\brungs?\b"),
        Term("factor", "one of that many trials goes on at a rung of halving", r"\bfactor\b"),
        Term("finalists", "the best trials, which are trained with other seeds, too",
             r"\bfinalists?\b"),
        Term("diverged", "a trial whose loss grew without limit: a result, and no error",
             r"\bdiverged\b"),
        Term("log, linear, integer, choice", "how a setting is drawn: even in its logarithm, even, "
             "a whole number, one of a list", r"\b(linear|integer|log)\b"),
        Term("parallel coordinates", "an axis for each setting, and a line for each trial across "
             "all of them", r"\b[Cc]oordinates\b"),
        Term("narrow, widen", "choose a range of an axis, outside of which trials are left out",
             r"\b(narrow|widen)\b"),
        Term("importance", "the part of the differences between trials that a setting explains",
             r"\b[Ii]mportance\b"),
        Term("interval", "in nine of ten samples of the trials the value lies within it",
             r"\bintervals?\b"),
        Term("worker", "a process that trains one trial after the other, here or on another "
             "machine", r"\b[Ww]orkers?\b"),
    ),
}  # fmt: skip
"""The words that are no settings, which explain themselves, under their headings."""

TERMS = tuple(term for group in GROUPS.values() for term in group)

HEAD = """\
# Glossary

The words of the screen. The help of the app explains those that are on it at the moment, and every
setting is explained while the cursor is on it.
"""


def on_screen(text: str) -> list[Term]:
    """Return the terms that occur in a text, in the order of the table, and then its layers."""
    terms = [term for term in TERMS if re.search(term.pattern or re.escape(term.word), text)]
    return terms + [Term(*kind) for kind in _kinds() if re.search(rf"\b{kind[0]}\d+\b", text)]


def page() -> str:
    """Return the chapter in Markdown: the words, the kinds of layer, and the settings.

    The two latter say themselves what they mean, as everywhere in the app.
    """
    lines = [HEAD]
    for heading, terms in GROUPS.items():
        lines.append(f"## {heading}\n")
        lines += [_entry(term.word, term.meaning) for term in terms]
        lines.append("")
    lines.append("## Kinds of layer\n")
    lines += [_entry(*kind) for kind in _kinds()]
    lines.append("\n## Settings\n")
    lines += [_entry(*setting) for setting in _settings()]
    return "\n".join(lines) + "\n"


def _kinds() -> Iterator[tuple[str, str]]:
    from core.layers.registry import kinds

    for kind, spec in kinds().items():
        yield kind, f"{spec.words}: {spec.formula}"


def _settings() -> Iterator[tuple[str, str]]:
    """Yield label and meaning of every setting of an experiment."""
    from core.config.experiment import FIELDS

    for setting in FIELDS:
        name = setting.name + (f", {setting.symbol}" if setting.symbol else "")
        yield f"{setting.label} ({name})", setting.meaning


def _entry(word: str, meaning: str) -> str:
    return f"- **{_escaped(word)}**: {_escaped(meaning)}"


def _escaped(text: str) -> str:
    return re.sub(r"([\\*_`<>|~])", r"\\\1", text)
