r"""Formulas in the LaTeX of the guide as plain text, such as `p_k = e^(z_k) / (Σ_j e^(z_j))`.

Only what the guide uses is known; a command that is not stands for its own name.
"""

import re

SIGNS = {
    "beta": "β", "epsilon": "ε", "eta": "η", "gamma": "γ", "lambda": "λ", "mu": "μ", "Phi": "Φ",
    "sigma": "σ", "partial": "∂", "sum": "Σ", "approx": "≈", "leftarrow": "←", "cdot": "·",
    "times": "×", "lfloor": "⌊", "rfloor": "⌋", "left": "", "right": "", "qquad": " ",
    ",": " ", ";": " ",
}  # fmt: skip
"""Signs of commands without arguments."""

TOKEN = re.compile(r"\\([A-Za-z]+|.)|([{}_^])|(\s+)|([A-Za-z]+'*|[\d.]+|.)", re.DOTALL)


def plain(formula: str) -> str:
    """Return a formula as plain text, in one line."""
    text = re.sub(r" {2,}", " ", _Reader(formula).group(""))
    return re.sub(r"(?<=[(⌊∂]) +| +(?=[),⌋])", "", text).strip()


class _Reader:
    """Reads a formula token by token."""

    def __init__(self, formula: str) -> None:
        self._tokens = [match.group() for match in TOKEN.finditer(formula)]
        self._at = 0

    def group(self, end: str) -> str:
        """Return all up to the token `end`, or to the end of the formula, as text."""
        parts: list[str] = []
        while self._at < len(self._tokens):
            token = self._next()
            if token == end:
                break
            parts.append(self._text(token))
        return "".join(parts)

    def _next(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1]

    def _text(self, token: str) -> str:
        """Return one token with its arguments as text."""
        if token.isspace():
            return " "
        if token in ("_", "^"):
            return token + _closed(self._argument())
        if token == "{":
            return self.group("}")
        if not token.startswith("\\"):
            return token
        command = token[1:]
        if command == "frac":
            over, under = _factor(self._argument()), _factor(self._argument())
            return f"{over} / {under}" if " " in over + under else f"{over}/{under}"
        if command == "sqrt":
            return f"√{_closed(self._argument())}"
        if command == "hat":
            return f"{self._argument()}\u0302"
        if command == "text":
            return self._argument()
        return SIGNS.get(command, command)

    def _argument(self) -> str:
        """Return the next group, or the next token, as text."""
        while self._at < len(self._tokens) and self._tokens[self._at].isspace():
            self._at += 1
        if self._at >= len(self._tokens):
            return ""
        token = self._next()
        if token == "{":
            return self.group("}").strip()
        if token.isalnum() and len(token) > 1:  # the argument is a single letter or digit
            self._at -= 1
            self._tokens[self._at] = token[1:]
            return token[0]
        return self._text(token)


def _closed(text: str) -> str:
    """Return a text in brackets, if it is more than one symbol."""
    return text if re.fullmatch(r"-?[^\W_]+|.\u0302", text) else f"({text})"


def _factor(text: str) -> str:
    """Return a text in brackets, if it has to stay together above or below the line."""
    text = text.replace("∂ ", "∂")
    return text if re.fullmatch(r"∂?[^\W\d]\w*\u0302?(\^\(\S*\))?", text) else f"({text})"
