"""The colours, markers and dashes that distinguish runs in figures."""

COLOURS = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00",
    "#56B4E9", "#222222", "#8C7AE6", "#7A5C3E", "#6E6E6E",
)  # fmt: skip
"""From the palette of Okabe and Ito, with three additional colours."""
MARKERS = "osD^vP*Xdh"
DASHES = ((), (4, 1.5), (1, 1), (5, 1, 1, 1), (8, 2))
