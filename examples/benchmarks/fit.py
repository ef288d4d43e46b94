"""Fits a line to noisy points by gradient descent, and says how well: a program as benchmarks like it, with nothing to install."""
import random
import sys

steps = int(sys.argv[1]) if len(sys.argv) > 1 else 200
random.seed(1)
points = [(x / 100, 3 * x / 100 + 1 + random.gauss(0, 0.1)) for x in range(1000)]
slope = offset = 0.0
for step in range(1, steps + 1):
    errors = [(x, slope * x + offset - y) for x, y in points]
    slope -= 0.02 * sum(error * x for x, error in errors) / len(errors)
    offset -= 0.02 * sum(error for _, error in errors) / len(errors)
    if step % 20 == 0:
        print(f"step {step} loss={sum(error * error for _, error in errors) / len(errors):.6f}", flush=True)
