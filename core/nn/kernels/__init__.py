"""Fast implementations of layers: im2col, patchify, Winograd, fusion."""
