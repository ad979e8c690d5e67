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

import baseline  # noqa: E402
import description  # noqa: E402
import emit_c  # noqa: E402
import emit_go  # noqa: E402
import emit_library  # noqa: E402
import emit_rust  # noqa: E402
import emit_tests  # noqa: E402
import emit_zig  # noqa: E402


def read(name):
    path = ROOT / name
    return path.read_text() if path.exists() else ""


def outputs():
    """Every generated file: path below the root -> text."""
    api = description.load(CAPI / "api")
    recorded = baseline.update(api, read(baseline.FILE))
    slots = baseline.slots(recorded)
    null_test, handle_kinds = emit_tests.null_test(api)
    return {
        baseline.FILE: recorded,
        "include/actorcore/actorcore.h": emit_c.header(api, slots, read("capi/inline.h.in")),
        "capi/exports.map": emit_library.export_map(api),
        "capi/tables.cc": emit_library.tables(api, slots),
        "bindings/rust/actorcore-sys/src/lib.rs": emit_rust.library(api, slots),
        "bindings/rust/actorcore-sys/tests/layout.rs": emit_rust.layout_test(api),
        "bindings/zig/src/raw.zig": emit_zig.declarations(api, slots),
        "bindings/zig/src/raw_test.zig": emit_zig.layout_test(api),
        "tests/abi/generated_layout_test.c": emit_tests.layout_test(api),
        "tests/abi/generated_null_test.c": null_test,
        "tests/abi/generated_handle_kinds.h": handle_kinds,
    } | emit_go.package(api)


def stale(name, text):
    """A diff of what is on disk against what should be, as a list of lines."""
    return list(difflib.unified_diff(read(name).splitlines(True), text.splitlines(True), name, name + " (generated)"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail with a diff when a file is stale")
    check = parser.parse_args().check
    try:
        files = outputs()
    except description.Defect as defect:
        sys.exit(f"capi: {defect}")
    changed = 0
    for name, text in files.items():
        diff = stale(name, text)
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
    print(f"{len(files)} generated files, " + ("all fresh" if check else f"{changed} written"))


if __name__ == "__main__":
    main()
