#!/usr/bin/env python3
"""The `actorcore` program: what it prints, where, and with which exit code. tool.py PROGRAM"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
VECTORS = ROOT / "tests/reference/vectors.jsonl"
REGISTRY = "examples/data/registry.yaml"
WARRIOR = "examples/data/outputs.json#warrior"
PROGRAM = None

SMALL = {"dimensions": {"a": {"use_pipeline": True, "clamp_default": {"min": 0, "max": 10}},
                        "b": {"use_pipeline": True, "clamp_default": {"min": 0, "max": 100}, "formula": {"terms": {"a": 3}}}}}
ITEMS = [{"meta": {"system": "items"}, "primary": [{"dimension": "a", "bucket": "FLAT", "value": 4, "system": "items"}]}]
WRONG = [{"meta": {"system": "wrong"}, "primary": [{"dimension": "z", "bucket": "FLAT", "value": 4, "system": "wrong"}]}]


def run(*arguments, given="", out=subprocess.PIPE):
    return subprocess.run([PROGRAM, *map(str, arguments)], input=given, stdout=out, stderr=subprocess.PIPE,
                          text=True, cwd=ROOT, timeout=120, check=False)


class Files(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def file(self, name, content):
        path = pathlib.Path(self.folder.name, name)
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path


class Resolve(Files):
    def small(self, *arguments):
        return run("resolve", "--registry", self.file("registry.json", SMALL), *arguments)

    def test_every_vector_gives_the_expected_line(self):
        ended = run("resolve", "--cases", VECTORS)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        lines = VECTORS.read_text(encoding="utf-8").splitlines()
        expected = [json.dumps(json.loads(line)["expect"], ensure_ascii=False) for line in lines]
        self.assertEqual(ended.stdout.splitlines(), expected)

    def test_a_wrong_case_is_told_and_the_others_still_resolve(self):
        lines = VECTORS.read_text(encoding="utf-8").splitlines()[:3]
        ended = run("resolve", "--cases", "-", given="\n".join([lines[0], '{"name": 3', "", lines[1], "[]", lines[2]]))
        self.assertEqual(ended.returncode, 1)
        self.assertEqual(len(ended.stdout.splitlines()), 3)
        self.assertRegex(ended.stderr, r"(?m)^standard input:2:\d+: not JSON")
        self.assertRegex(ended.stderr, r"(?m)^standard input:5:1: ")

    def test_strict_cases_name_the_line_that_was_rejected(self):
        cases = [json.loads(line) for line in VECTORS.read_text(encoding="utf-8").splitlines()]
        rejected = sum(1 for case in cases if case["expect"]["errors"])
        ended = run("resolve", "--strict", "--cases", VECTORS)
        self.assertEqual(ended.returncode, 1)
        self.assertEqual(len(ended.stdout.splitlines()), len(cases) - rejected)
        self.assertEqual(len(ended.stderr.splitlines()), rejected)

    def test_files_resolve_to_one_line_of_json(self):
        ended = self.small("--outputs", self.file("items.json", ITEMS))
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertEqual(ended.stdout, '{"actor_id": "entity", "version": 1, "primary": {"a": 4.0}, "derived": {"b": 12.0}, '
                         '"caps_used": {"a": {"min": 0.0, "max": 10.0}, "b": {"min": 0.0, "max": 100.0}}, '
                         '"contexts": {}, "errors": []}\n')

    def test_all_outputs_go_together(self):
        more = [{**ITEMS[0], "meta": {"system": "more"}}]
        files = self.file("items.json", ITEMS), self.file("more.json", more)
        self.assertEqual(json.loads(self.small("--outputs", *files).stdout)["primary"], {"a": 8.0})
        twice = json.loads(self.small("--outputs", files[0], "--outputs", files[0]).stdout)
        self.assertEqual(twice["errors"], [{"system": "items", "code": "duplicate_system"}])

    def test_profile_layers_and_the_standard_input_are_taken(self):
        cap = {"system": "items", "dimension": "a", "mode": "HARD_MAX", "kind": "max", "value": 2, "scope": "MINE"}
        outputs = [{**ITEMS[0], "caps": [cap]}]
        profile = self.file("profile.yaml", "id: hero\nversion: 7\n")
        layers = self.file("layers.yaml", "order: [MINE]\n")
        ended = run("resolve", "--registry", self.file("r.json", SMALL), "--profile", profile, "--layers", layers,
                    "--outputs", "-", given=json.dumps(outputs))
        self.assertEqual(ended.returncode, 0, ended.stderr)
        snapshot = json.loads(ended.stdout)
        self.assertEqual((snapshot["actor_id"], snapshot["version"], snapshot["primary"]), ("hero", 7, {"a": 2.0}))

    def test_a_table_shows_every_part_in_columns(self):
        ended = self.small("--format", "table", "--outputs", self.file("items.json", ITEMS + WRONG))
        self.assertEqual(ended.stdout, "entity, version 1\n\nprimary  value  min   max\na          4.0  0.0  10.0\n\n"
                         "derived  value  min    max\nb         12.0  0.0  100.0\n\n"
                         "error                        of\nunknown_dimension  system wrong\n")

    def test_strict_fails_with_the_first_entry(self):
        ended = self.small("--strict", "--outputs", self.file("items.json", ITEMS + WRONG))
        self.assertEqual((ended.returncode, ended.stdout), (1, ""))
        self.assertIn('system "wrong": unknown_dimension', ended.stderr)

    def test_a_member_that_is_missing_is_told(self):
        ended = run("resolve", "--registry", REGISTRY, "--outputs", "examples/data/outputs.json#warrier")
        self.assertEqual(ended.returncode, 1)
        self.assertRegex(ended.stderr, r'^examples/data/outputs.json:1:1: .*did you mean "warrior"')

    def test_output_that_cannot_be_written_is_an_error(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            ended = run("resolve", "--registry", REGISTRY, "--outputs", WARRIOR, out=full)
        self.assertEqual(ended.returncode, 1)
        self.assertIn("could not be written", ended.stderr)


class Explain(Files):
    def small(self, *arguments):
        return run("explain", self.file("registry.json", SMALL), self.file("items.json", ITEMS), *arguments)

    def test_a_tree_stands_above_what_it_was_made_of(self):
        ended = self.small("a")
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        self.assertEqual(ended.stdout, """\
entity, version 1: primary a = 4.0
├─ candidate 4.0 = 4.0 × 1.0 + 0.0
│  └─ FLAT 4.0
│     └─ 4.0  items (put_all)
├─ caps 0.0 to 10.0
│  └─ clamp_default 0.0 to 10.0
└─ not clamped: 4.0
""")

    def test_the_terms_of_a_formula_follow_where_they_are_asked_for(self):
        alone = self.small("b").stdout
        self.assertIn("│     └─ 12.0  formula\n│        ├─ 0.0  constant\n"
                      "│        └─ 12.0  3.0 × 4.0 of primary a\n", alone)
        self.assertNotIn("primary a =", alone)
        self.assertEqual(self.small("b", "--terms").stdout, alone + "\n" + self.small("a").stdout)

    def test_each_kind_of_file_is_known_by_itself_and_the_bound_that_clipped_is_told(self):
        caps = [{"system": "items", "dimension": "a", "mode": mode, "kind": "max", "value": value, "scope": "MINE", "priority": 2}
                for mode, value in (("BASELINE", 1), ("ADDITIVE", 2), ("HARD_MAX", 5))]
        outputs = [{**ITEMS[0], "caps": caps}, *WRONG]
        ended = run("explain", self.file("layers.yaml", "order: [MINE]\n"), "-", self.file("r.json", SMALL),
                    self.file("profile.yaml", "id: hero\nversion: 7\n"), "a", given=json.dumps({"outputs": outputs}))
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        self.assertEqual(ended.stdout, """\
hero, version 7: primary a = 3.0
├─ left out: wrong, unknown_dimension
├─ candidate 4.0 = 4.0 × 1.0 + 0.0
│  └─ FLAT 4.0
│     └─ 4.0  items (put_all)
├─ caps 0.0 to 3.0, INTERSECT: min of clamp_default, max of MINE
│  ├─ clamp_default 0.0 to 10.0
│  └─ MINE 0.0 to 3.0
│     └─ max 3.0, soft 3.0, hard 5.0
│        ├─ BASELINE 1.0  items, priority 2 (put_all)
│        ├─ ADDITIVE 2.0  items, priority 2 (put_all)
│        └─ HARD_MAX 5.0  items, priority 2 (put_all)
└─ clamped to 3.0 by the max of MINE
""")

    def test_every_value_of_a_case_is_explained_as_a_line_of_json(self):
        for line in VECTORS.read_text(encoding="utf-8").splitlines()[:8]:
            expected = json.loads(line)["expect"]
            for dimension in {**expected["primary"], **expected["derived"]}:
                ended = run("explain", "-", dimension, "--format", "json", given=line)
                self.assertEqual((ended.returncode, ended.stderr), (0, ""))
                told = [json.loads(each) for each in ended.stdout.splitlines()]
                values = {each["list"]: each["value"] for each in told}
                self.assertEqual(values, {name: expected[name][dimension] for name in ("primary", "derived")
                                          if dimension in expected[name]})
                for each in told:
                    self.assertEqual((each["steps"][0]["step"], each["steps"][-1]["step"]), ("rule", "clamp"))
                    self.assertEqual(each["steps"][-1]["result"], each["value"])
                    self.assertEqual(each["actor_id"], expected["actor_id"])

    def test_one_list_is_told_where_only_that_is_wanted(self):
        derived = [{**ITEMS[0], "derived": ITEMS[0]["primary"]}]
        files = self.file("r.json", SMALL), self.file("both.json", derived)
        self.assertEqual(run("explain", *files, "a").stdout.count(" a = 4.0"), 2)
        self.assertEqual(run("explain", *files, "a", "--list", "derived").stdout.count(" a = 4.0"), 1)

    def test_what_has_no_value_or_no_registry_fails_and_says_why(self):
        items = self.file("items.json", ITEMS)
        for ended, said in ((self.small("aa"), 'the registry has no dimension "aa"; did you mean "a"?'),
                            (self.small("b", "--list", "primary"), '"b" has no primary value'),
                            (run("explain", items, "a"), "no file is a registry"),
                            (run("explain", self.file("r.json", SMALL), self.file("s.json", SMALL), "a"), "is a second registry"),
                            (run("explain", "examples/data/outputs.json", "a"), "outputs.json#MEMBER"),
                            (run("explain", self.file("what.json", {"some": "thing"}), "a"), "what.json:1:1: neither a registry")):
            self.assertEqual((ended.returncode, ended.stdout), (1, ""))
            self.assertIn(said, ended.stderr)


class Check(Files):
    def test_each_kind_of_file_is_known_by_itself(self):
        case = VECTORS.read_text(encoding="utf-8").splitlines()[0]
        files = [REGISTRY, "examples/data/outputs.json", "examples/data/changes.json", VECTORS,
                 self.file("layers.yaml", "order: [A, B]\n"), self.file("profile.json", {"id": "hero"}),
                 self.file("case.json", case), self.file("list.json", {"outputs": ITEMS})]
        ended = run("check", *files)
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        told = [line.split(": ", 1)[1] for line in ended.stdout.splitlines()]
        self.assertRegex(told[0], r"^registry, \d+ dimensions, \d+ formulas: ok$")
        self.assertEqual(told[1:], ["6 lists of outputs: ok", "18 outputs: ok", "400 cases: ok", "2 layers: ok",
                                    "profile of hero: ok", "case random-0: ok", "1 output: ok"])

    def test_every_error_has_file_line_column_and_reason(self):
        registry = self.file("bad.yaml", "dimensions:\n  A: {use_pipeline: true, clamp_default: {min: 0, max: 1}}\n"
                             "  b:\n    use_pipeline: maybe\n    clamp_default: {min: 3, max: 1}\n")
        outputs = self.file("bad.json", '{"one": [{"meta": {}}],\n "two": [{"meta": {"system": "x"}, "caps": 1}]}')
        ended = run("check", registry, outputs, "examples/data/changes.json", "no/such/file")
        self.assertEqual(ended.returncode, 1)
        self.assertIn("changes.json: 18 outputs: ok", ended.stdout)
        for place in (f"{registry}:2:3: ", f"{registry}:4:19: ", f"{registry}:5:20: ", f"{outputs}:1:", f"{outputs}:2:",
                      "cannot read no/such/file: "):
            self.assertIn(place, ended.stderr)
        self.assertIn("3 files of 4 not valid", ended.stderr)

    def test_wrong_cases_are_told_with_their_lines(self):
        ended = run("check", self.file("cases.jsonl", '{}\n\n{"registry": 1}\n'))
        self.assertEqual(ended.returncode, 1)
        self.assertRegex(ended.stderr, r"(?m)cases.jsonl:1:1: ")
        self.assertRegex(ended.stderr, r"(?m)cases.jsonl:3:\d+: ")

    def test_a_document_of_no_kind_is_told(self):
        ended = run("check", self.file("what.json", {"some": "thing"}))
        self.assertEqual(ended.returncode, 1)
        self.assertRegex(ended.stderr, r"what.json:1:1: neither a registry")


class CommandLine(unittest.TestCase):
    def test_what_is_not_understood_ends_with_2_and_one_line(self):
        for arguments in (["fly"], ["resolve"], ["resolve", "--registry", "r"], ["resolve", "--bogus"],
                          ["resolve", "--cases", "c", "--registry", "r"], ["resolve", "--format", "xml"],
                          ["explain"], ["explain", "a"], ["explain", "r", "a", "--format", "table"],
                          ["explain", "r", "a", "--list", "both"], ["check"], ["version", "now"]):
            ended = run(*arguments)
            self.assertEqual((ended.returncode, ended.stdout), (2, ""), arguments)
            self.assertEqual(len(ended.stderr.splitlines()), 1, ended.stderr)
            self.assertIn("--help", ended.stderr)
        self.assertEqual(run().returncode, 2)

    def test_help_is_printed_for_everything(self):
        self.assertIn("usage: actorcore COMMAND", run("--help").stdout)
        for command in ("resolve", "explain", "check", "bench", "version"):
            ended = run(command, "--help")
            self.assertEqual((ended.returncode, ended.stderr), (0, ""))
            self.assertIn(f"actorcore {command}", ended.stdout)

    def test_the_version_is_the_descriptions(self):
        api = (ROOT / "capi/api/api.toml").read_text(encoding="utf-8")
        version = api.split('version = "', 1)[1].split('"', 1)[0]
        self.assertEqual(run("version").stdout.splitlines()[0], f"actorcore {version}")

    def test_bench_runs_a_workload_or_says_what_is_missing(self):
        ended = run("bench", "pingpong", "100")
        if ended.returncode == 0:
            self.assertEqual(json.loads(ended.stdout)["workload"], "pingpong")
        else:
            self.assertIn("macro-c is not beside this program", ended.stderr)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
