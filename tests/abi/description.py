#!/usr/bin/env python3
"""The generator refuses what would break a caller, and lets through what would not."""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FUNCTION = """
[[function]]
name = "ac_new"
thread = "any"
doc = "New."
errors = ["E_NULL"]
params = [{ name = "out", type = "uint64_t*", dir = "out", doc = "Out." }]
"""


class Description(unittest.TestCase):
    """Each test edits a copy of the description and generates from it."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.root = pathlib.Path(holder.name)
        shutil.copytree(ROOT / "capi", self.root / "capi", ignore=shutil.ignore_patterns("__pycache__"))

    def generate(self, *arguments):
        return subprocess.run([sys.executable, self.root / "capi/generate.py", *arguments], capture_output=True,
                              text=True)

    def read(self, name):
        return (self.root / name).read_text()

    def edit(self, noun, old, new):
        path = self.root / f"capi/api/{noun}.toml"
        text = path.read_text()
        self.assertEqual(text.count(old), 1, f"{old} in {noun}.toml")
        path.write_text(text.replace(old, new))

    def append(self, noun, text):
        with open(self.root / f"capi/api/{noun}.toml", "a") as file:
            file.write(text)

    def assert_refused(self, *words):
        done = self.generate()
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertNotIn("Traceback", done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def assert_accepted(self):
        done = self.generate()
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_renumbered_constant_is_refused(self):
        self.edit("output", 'name = "POST_ADD", value = 2', 'name = "POST_ADD", value = 7')
        self.assert_refused("constant AC_BUCKET_POST_ADD uint32_t 2", "uint32_t 7")

    def test_a_removed_function_is_refused(self):
        self.edit("worker", 'name = "ac_worker_wake"', 'name = "ac_worker_rouse"')
        self.assert_refused("ac_worker_wake", "gone")

    def test_another_parameter_is_refused(self):
        self.edit("worker", '{ name = "activations", type = "uint64_t"', '{ name = "activations", type = "uint32_t"')
        self.assert_refused("ac_worker_run")

    def test_a_moved_field_is_refused(self):
        self.edit("system", '  { name = "seed", type', '  { name = "added", type = "uint64_t", doc = "New." },\n  { name = "seed", type')
        self.assert_refused("field ac_system_options.seed 16")

    def test_a_larger_struct_without_a_size_is_refused(self):
        self.edit("batcher", '  { name = "longest_ns", type = "uint64_t"',
                  '  { name = "longest_ns", type = "uint64_t", doc = "Same." },\n  { name = "added", type = "uint64_t"')
        self.assert_refused("struct ac_batcher_stats")

    def test_an_option_at_the_end_is_accepted(self):
        self.edit("engine", '  { name = "names_max", type = "uint32_t"',
                  '  { name = "names_max", type = "uint32_t", doc = "Same." },\n  { name = "added", type = "uint64_t"')
        self.assert_accepted()
        self.assertIn("field ac_engine_options.added 8 uint64_t", self.read("capi/abi/baseline.txt"))

    def test_reserved_bytes_may_be_used(self):
        self.edit("output", '{ name = "reserved", type = "uint64_t", array = 3, doc = "Zero." }',
                  '{ name = "added", type = "uint64_t", doc = "New." },\n'
                  '  { name = "reserved", type = "uint64_t", array = 2, doc = "Zero." }')
        self.assert_accepted()

    def test_a_new_function_takes_the_last_slot_wherever_it_is_described(self):
        self.append("status", FUNCTION)
        self.assert_accepted()
        header = self.read("include/actorcore/actorcore.h")
        table = re.search(r"struct ac_api \{(.*?)\n\};", header, re.S).group(1)
        self.assertTrue(table.endswith("ac_status (*new)(uint64_t* out);"), table[-200:])
        self.assertIn("    ac_new;\n", self.read("capi/exports.map"))
        for name in ("bindings/go/internal/raw/calls.go", "bindings/rust/actorcore-sys/src/lib.rs",
                     "bindings/zig/src/raw.zig", "tests/abi/generated_null_test.c"):
            self.assertIn("ac_new", self.read(name))

    def test_a_function_of_a_later_minor_version_has_a_node_of_its_own(self):
        self.append("status", FUNCTION.replace('thread = "any"', 'thread = "any"\nsince = "1.1.0"'))
        self.assert_accepted()
        self.assertTrue(self.read("capi/exports.map").endswith("ACTORCORE_1.1 {\n  global:\n    ac_new;\n} ACTORCORE_1.0;\n"))

    def test_an_error_that_a_parameter_can_cause_has_to_be_listed(self):
        self.append("status", FUNCTION.replace('"E_NULL"', '"E_LIMIT"'))
        self.assert_refused("status: ac_new", "E_NULL is not listed")

    def test_implicit_padding_is_refused(self):
        self.edit("snapshot", '  { name = "reserved", type = "uint32_t", doc = "Zero." },\n', "")
        self.assert_refused("snapshot: ac_context.additive_percent: implicit padding")

    def test_a_misspelt_key_is_refused(self):
        self.append("status", FUNCTION.replace("thread =", "treads ="))
        self.assert_refused("unknown key treads")

    def test_a_type_that_is_not_defined_is_refused(self):
        self.append("status", FUNCTION.replace("uint64_t*", "uint63_t*"))
        self.assert_refused("`uint63_t` is not defined")

    def test_a_stale_file_fails_the_check_with_a_diff(self):
        self.assert_accepted()
        self.assertEqual(self.generate("--check").returncode, 0)
        header = self.root / "include/actorcore/actorcore.h"
        header.write_text(header.read_text().replace("#define AC_OK ", "#define AC_FINE ", 1))
        done = self.generate("--check")
        self.assertEqual(done.returncode, 1)
        self.assertIn("-#define AC_FINE ", done.stdout)
        self.assertIn("AC_FINE", header.read_text())


if __name__ == "__main__":
    unittest.main()
