"""The colours, markers and dashes that distinguish runs in figures."""

COLOURS = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00",
    "#8C7AE6", "#222222", "#56B4E9", "#7A5C3E", "#6E6E6E",
)  # fmt: skip
"""From the palette of Okabe and Ito, with additional colours. The first six have the hues by which
the app tells runs and trials apart (`tui.widgets.digits`)."""
MARKERS = "osD^vP*Xdh"
DASHES = ((), (4, 1.5), (1, 1), (5, 1, 1, 1), (8, 2))
