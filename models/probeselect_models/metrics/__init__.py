"""Published metrics of generated images, exported to TorchScript (docs/metrics.md).

Each becomes one module `forward(image FP32 [B, 3, H, W] in [0, 1], ids INT64 [B, L]) -> FP32 [B]` with its
preprocessing inside, for any B, H and W.
"""
