#!/usr/bin/env python3
"""Every example prints the same in every language. examples.py FOLDER, where NAME-c, NAME-go, NAME-rust and NAME-zig are."""
import functools
import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
LANGUAGES = "c", "go", "rust", "zig"
NAMES = sorted(path.stem for path in (EXAMPLES / "c").glob("*.c"))
# What an example is run with, where that is not nothing. Seeded, the world prints a hash of all that was done.
ARGUMENTS = {"world": [["--entities", "500"], ["--entities", "500", "--seed", "7"]]}
FOLDER = None


@functools.cache
def lines(name, language, arguments):
    """What it prints, but for the lines with measured times: those of the world that begin with a tilde."""
    ended = subprocess.run([FOLDER / f"{name}-{language}", *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                           text=True, cwd=ROOT, timeout=120, check=False)
    if ended.returncode != 0:
        raise AssertionError(f"{name} in {language} ended with {ended.returncode}: {ended.stdout}{ended.stderr}")
    return [line for line in ended.stdout.splitlines() if name != "world" or not line.startswith("~")]


class Examples(unittest.TestCase):
    maxDiff = None

    def test_every_language_has_every_example(self):
        found = {"go": [path.parent.name for path in EXAMPLES.glob("go/*/main.go")],
                 "rust": [path.stem for path in EXAMPLES.glob("rust/*.rs")] +
                         [path.parent.name for path in EXAMPLES.glob("rust/*/main.rs")],
                 "zig": [path.stem for path in EXAMPLES.glob("zig/*.zig") if path.name != "build.zig"]}
        for language, names in found.items():
            self.assertEqual(sorted(names), NAMES, language)


def same(name, language):
    def test(self):
        for arguments in ARGUMENTS.get(name, [[]]):
            expected = lines(name, "c", tuple(arguments))
            self.assertGreater(len(expected), 1)
            self.assertEqual(lines(name, language, tuple(arguments)), expected)
    return test


for each in NAMES:
    for other in LANGUAGES[1:]:
        setattr(Examples, f"test_{each}_prints_in_{other}_what_it_does_in_c", same(each, other))

if __name__ == "__main__":
    FOLDER = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
