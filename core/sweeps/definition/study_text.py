"""A study as text in TOML, with comments for whoever edits it."""

from collections.abc import Mapping
from typing import Any

from core.config.experiment import FIELDS_BY_NAME
from core.sweeps.definition.study import Study

COMMENTS = {
    "trials": "choices of settings, each trained with the first seed",
    "finalists": "the best of them, trained with the other seeds, too",
    "epochs": "passes over the training images for each trial",
    "updates": "of each trial",
    "validation_size": "training images set aside to compare trials by",
    "sampler": "random, or tpe, which looks at the results so far",
    "pruning": "halving, median or none",
    "wall_seconds": "the study stops after this time",
}
"""What stands behind the value of a key."""

BARE = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


def to_toml(study: Study) -> str:
    """Return a study as TOML; tables come last, and settings of a base at the end."""
    values = study.definition()
    tables = {name: values.pop(name, {}) for name in ("fixed", "space", "base")}
    lines = []
    for key, value in values.items():
        if key == "name":
            continue
        line = f"{key} = {inline(value)}"
        lines.append(f"{line}  # {COMMENTS[key]}" if key in COMMENTS else line)
    if tables["fixed"]:
        lines += ["", "[fixed]", *_assignments(tables["fixed"])]
    lines += ["", "[space]"]
    for name, table in tables["space"].items():
        field = FIELDS_BY_NAME.get(name)
        lines += [f"# {field.meaning}"] if field else []
        lines.append(f"{_key(name)} = {inline(table)}")
    if study.base is not None:
        lines += ["", "# What every trial starts from.", "[base]", *_assignments(tables["base"])]
    return "\n".join(lines) + "\n"


def inline(value: Any) -> str:
    """Return a plain value as TOML on one line."""
    import tomli_w

    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(key)} = {inline(each)}" for key, each in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(inline, value))}]"
    return tomli_w.dumps({"_": value}).removeprefix("_ = ").rstrip("\n")


def _assignments(table: Mapping[str, Any]) -> list[str]:
    return [f"{_key(key)} = {inline(value)}" for key, value in table.items()]


def _key(name: str) -> str:
    """Return a key, with the dots of a path as they are."""
    parts = name.split(".")
    return name if all(part and BARE.issuperset(part) for part in parts) else inline(name)
