"""`make bench`: run the benches, print them, keep them under benchmarks/results/.

python benchmarks/run.py [--small] [--keep] [NAME...]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

if __package__ in (None, ""):
    # As a script its own folder is on the path, not the one that holds the package.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks import apiserver, calls, scale
from benchmarks.figures import Report

RESULTS = Path(__file__).parent / "results"
BENCHES: dict[str, Callable[[Path, bool], Report]] = {
    "calls": lambda _, small: calls.measure(calls.SMALL if small else calls.Size()),
    "apiserver": lambda folder, small: apiserver.measure(folder, apiserver.SMALL if small else apiserver.Size()),
    "scale": lambda folder, small: scale.measure(folder, scale.SMALL if small else scale.Size()),
}


def run(name: str, *, small: bool) -> Report:
    """One bench, in a folder of its own that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="lbctl-bench-") as folder:
        return BENCHES[name](Path(folder), small)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHES)}; all by default")
    parser.add_argument("--small", action="store_true", help="a tiny size, to see that it runs; nothing is kept")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(BENCHES):
        parser.error(f"no bench {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
    for name in asked.names or BENCHES:
        report = run(name, small=asked.small)
        print(report, flush=True)
        if not asked.small:
            RESULTS.mkdir(exist_ok=True)
            text = json.dumps(report.to_json(), indent=2, ensure_ascii=False)
            (RESULTS / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
