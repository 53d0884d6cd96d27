"""`make bench`: measures the lists and the quote, prints JSON; nothing stays in the database."""

import argparse
import importlib
import json
import sys

SAMPLES = 25


def main() -> None:
    """Measure the lists whose name holds the given words, or all of them."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("words", nargs="*", help="mots du nom des listes, ou quote ; tout sans")
    parser.add_argument("--samples", type=int, default=SAMPLES, help="mesures par page")
    options = parser.parse_args()
    # Starts as the server does: the middlewares loaded, the collector kept from what lasts.
    importlib.import_module("winvest.wsgi")
    from tests.perf.report import demo_report

    report = demo_report(options.words, options.samples)
    json.dump(report, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
