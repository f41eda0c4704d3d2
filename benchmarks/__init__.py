"""How fast, how large: benchmarks, never timed tests.

    python -m benchmarks NAME --json

ends with one JSON object on one line. Figures are judged as ratios to what the
same machine does in the same run (the `machine` block).
"""
