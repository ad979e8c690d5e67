#!/usr/bin/env python3
"""The library as it is shipped: what it exports and needs, how it loads, its headers, and the installed package.

    shipped.py BUILD    BUILD is a finished build directory
"""
import ctypes
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
NEEDED_ALLOWED = re.compile(r"lib(stdc\+\+|m|gcc_s|c|yaml-cpp)\.so\.[\d.]+|ld-linux-[\w-]+\.so\.\d+")
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"]
PROGRAM = """
#include <actorcore/actorcore.h>
int main(void) { return ac_version() == AC_API_VERSION ? 0 : 1; }
"""
CMAKE = """
cmake_minimum_required(VERSION 3.25)
project(user C)
find_package(actorcore {version} REQUIRED)
add_executable(user user.c)
target_link_libraries(user PRIVATE actorcore::actorcore)
"""


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    if done.returncode:
        raise AssertionError(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


class Library(unittest.TestCase):
    def setUp(self):
        self.path = BUILD / "lib/libactorcore.so.1"
        self.dynamic = run("readelf", "-dW", self.path)

    def test_its_name_is_the_major_version(self):
        self.assertIn("Library soname: [libactorcore.so.1]", self.dynamic)

    def test_it_needs_no_more_than_a_host_has(self):
        for needed in re.findall(r"NEEDED.*\[(.*)\]", self.dynamic):
            self.assertRegex(needed, rf"^(?:{NEEDED_ALLOWED.pattern})$")

    def test_it_can_be_loaded_late_and_stays(self):
        self.assertIn("NODELETE", self.dynamic)
        self.assertNotIn("TEXTREL", self.dynamic)
        self.assertNotIn("STATIC_TLS", self.dynamic)

    def test_it_exports_what_the_description_lists_and_nothing_else(self):
        exported = set(re.findall(r" [A-Z] (\w+)@@ACTORCORE_", run("nm", "-D", "--defined-only", self.path)))
        everything = re.findall(r"^[0-9a-f]+ [A-Z] (\S+)$", run("nm", "-D", "--defined-only", self.path), re.M)
        listed = set(re.findall(r"^\s+(ac_\w+);", (ROOT / "capi/exports.map").read_text(), re.M))
        self.assertEqual(exported, listed)
        nodes = set(re.findall(r"^(ACTORCORE_[\d.]+) \{", (ROOT / "capi/exports.map").read_text(), re.M))
        self.assertEqual({name for name in everything if "@@" not in name}, nodes)

    def test_copies_of_it_live_in_one_process(self):
        with tempfile.TemporaryDirectory() as folder:
            copies = [shutil.copy(self.path, os.path.join(folder, f"copy{i}.so")) for i in range(3)]
            loaded = [ctypes.CDLL(path, mode=os.RTLD_LOCAL | os.RTLD_NOW) for path in [self.path, self.path, *copies]]
            versions = {library.ac_version() for library in loaded}
        self.assertEqual(len(versions), 1)
        self.assertEqual(len({library._handle for library in loaded}), 4)


class Header(unittest.TestCase):
    """Alone and twice, in each language standard and compiler."""

    def compile(self, compiler, language, standard, header):
        text = f"#include <actorcore/{header}>\n" * 2
        with tempfile.TemporaryDirectory() as folder:
            run(*compiler, "-x", language, f"-std={standard}", *STRICT, f"-I{ROOT}/include", "-c", "-",
                "-o", os.path.join(folder, "header.o"), input=text)

    def test_c_header(self):
        for compiler in COMPILERS:
            for language, standard in (("c", "c99"), ("c", "c11"), ("c++", "c++20")):
                with self.subTest(compiler=compiler, standard=standard):
                    self.compile(compiler, language, standard, "actorcore.h")

    def test_cpp_header(self):
        for compiler in COMPILERS:
            with self.subTest(compiler=compiler):
                self.compile(compiler, "c++", "c++20", "actorcore.hpp")


class Installed(unittest.TestCase):
    """A prefix that was moved after cmake --install still serves a stranger's build."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.work = pathlib.Path(holder.name)
        self.prefix = self.work / "moved"
        run("cmake", "--install", BUILD, "--prefix", self.work / "first")
        (self.work / "first").rename(self.prefix)
        (self.work / "user.c").write_text(PROGRAM)

    def compile_by_pkg_config(self):
        found = {"PKG_CONFIG_PATH": str(self.prefix / "lib/pkgconfig")}
        flags = run("pkg-config", "--cflags", "--libs", "actorcore", env=os.environ | found).split()
        run("cc", self.work / "user.c", "-o", self.work / "user", *flags, f"-Wl,-rpath,{self.prefix}/lib")

    def test_pkg_config(self):
        self.compile_by_pkg_config()
        run(self.work / "user")

    def test_the_readmes_program_says_hello(self):
        readme = (ROOT / "README.md").read_text()
        (self.work / "user.c").write_text(re.search(r"^```c\n(.*?)^```", readme, re.M | re.S).group(1))
        self.compile_by_pkg_config()
        self.assertEqual(run(self.work / "user"), "hello\n")

    def test_find_package(self):
        version = re.search(r'^version = "([\d.]+)"', (ROOT / "capi/api/api.toml").read_text(), re.M).group(1)
        (self.work / "CMakeLists.txt").write_text(CMAKE.format(version=version))
        run("cmake", "-S", self.work, "-B", self.work / "build", f"-DCMAKE_PREFIX_PATH={self.prefix}")
        run("cmake", "--build", self.work / "build")
        run(self.work / "build/user")

    def test_the_program(self):
        version = re.search(r'^version = "([\d.]+)"', (ROOT / "capi/api/api.toml").read_text(), re.M).group(1)
        self.assertIn(version, run(self.prefix / "bin/actorcore", "version"))


if __name__ == "__main__":
    BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
    ZIG = ROOT / "build/deps/zig/ziglang/zig"  # its C compiler is clang
    COMPILERS = [["g++"], [str(ZIG), "c++"]]
    unittest.main()
