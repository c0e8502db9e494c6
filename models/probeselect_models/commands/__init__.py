"""The commands `probeselect-export` and `probeselect-metrics`.

`probeselect-export` imports PyTorch when its arguments are known: `--help` answers at once.
"""
