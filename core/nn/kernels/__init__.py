"""The fast ways to compute a layer: im2col, patchify, Winograd, fusion."""
