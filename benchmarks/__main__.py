"""`python -m benchmarks NAME [--json]`."""

import argparse
import json
from typing import Any

from benchmarks import attachment, import_bundles, ledger, records, scale

BENCHMARKS = {
    "attachment": attachment,
    "import": import_bundles,
    "ledger": ledger,
    "records": records,
    "scale": scale,
}


def main() -> None:
    """Run one benchmark and print its figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = parser.add_subparsers(dest="name", required=True)
    for name, module in BENCHMARKS.items():
        one = names.add_parser(name, description=module.__doc__)
        one.add_argument("--json", action="store_true", help="one JSON line, no table")
        module.options(one)
    args = parser.parse_args()
    figures = BENCHMARKS[args.name].run(args)
    if not args.json:
        show(figures)
    print(json.dumps(figures))


def show(figures: dict[str, Any], indent: str = "") -> None:
    """Print figures as a table."""
    for name, value in figures.items():
        if isinstance(value, dict):
            print(f"{indent}{name}")
            show(value, indent + "  ")
        else:
            print(f"{indent}{name:32} {value}")


if __name__ == "__main__":
    main()
