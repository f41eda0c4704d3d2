"""`python -m tools.observer [--json]`: what an observer's guess is worth."""

import argparse
import json
import sys
import time
from typing import Any

from tools.observer.figures import everything
from tools.observer.world import Scale


def main() -> None:
    """Simulate, attack, print the figures."""
    usual = Scale()
    parser = argparse.ArgumentParser(prog="python -m tools.observer")
    parser.add_argument("--json", action="store_true", help="one JSON line, no table")
    for name in ("patients", "practitioners", "days", "seed"):
        parser.add_argument(f"--{name}", type=int, default=getattr(usual, name))
    asked = parser.parse_args()
    scale = Scale(asked.patients, asked.practitioners, asked.days, asked.seed)
    third = max(1, asked.patients // 3), asked.practitioners, asked.days, asked.seed
    start = time.monotonic()
    figures = everything(scale, Scale(*third))
    figures["seconds"] = round(time.monotonic() - start)
    if not asked.json:
        show(figures)
    sys.stdout.write(json.dumps(figures) + "\n")


def show(figures: dict[str, Any], indent: str = "") -> None:
    """Print figures as a table."""
    for name, value in figures.items():
        if isinstance(value, dict):
            sys.stdout.write(f"{indent}{name}\n")
            show(value, indent + "  ")
        else:
            sys.stdout.write(f"{indent}{name:28} {value}\n")


if __name__ == "__main__":
    main()
