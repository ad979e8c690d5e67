#!/usr/bin/env python3
"""Writes everything that follows from the ABI's description (capi/api), or checks that it is up to date.

    capi/generate.py           writes what has changed
    capi/generate.py --check   fails with a diff when anything is stale

Python 3.11, standard library only.
"""

import argparse
import difflib
import sys
from pathlib import Path

CAPI = Path(__file__).resolve().parent
ROOT = CAPI.parent
sys.path.insert(0, str(CAPI))
sys.dont_write_bytecode = True

import description  # noqa: E402
import emit_c  # noqa: E402


def outputs(api):
    """Every generated file: path below the root -> text."""
    return {
        "include/actorcore/actorcore.h": emit_c.header(api, [], CAPI),
    }


def stale(path, text):
    """A diff of what is on disk against what should be, as a list of lines."""
    old = path.read_text() if path.exists() else ""
    name = str(path.relative_to(ROOT))
    return list(difflib.unified_diff(old.splitlines(True), text.splitlines(True), name, name + " (generated)"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail with a diff when a file is stale")
    check = parser.parse_args().check
    try:
        files = outputs(description.load(CAPI / "api"))
    except description.Defect as defect:
        sys.exit(f"capi/api: {defect}")
    changed = 0
    for name, text in files.items():
        diff = stale(ROOT / name, text)
        if not diff:
            continue
        changed += 1
        if check:
            sys.stdout.writelines(diff)
        else:
            (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / name).write_text(text)
            print(f"wrote {name}")
    if check and changed:
        sys.exit(f"{changed} generated files are stale: run capi/generate.py")
    print(f"{len(files)} generated files, {changed} written" if not check else f"{len(files)} generated files are fresh")


if __name__ == "__main__":
    main()
