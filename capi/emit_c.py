"""Writes the C header."""

import re
import textwrap
from pathlib import Path

from description import Callback, Constants, Function, Handle, Struct, Typedef, words

WIDTH = 100
MACROS = {"int32_t": "INT32_C", "uint32_t": "UINT32_C", "uint64_t": "UINT64_C"}

PROLOGUE = """\
// The C ABI of libactorcore, written by capi/generate.py from capi/api. Do not edit.
//
// Threads:    each function names its class. any: from any thread at any time. exclusive: from any
//             thread, but one call at a time on one handle; a second one gets AC_E_BUSY. handler:
//             only while the worker's turn is in hand, by the thread that holds it. init: before
//             any other call. "Waits" marks the functions that may block; all others return at
//             once. Inside a handler those that wait are refused with AC_E_WOULD_DEADLOCK.
// Ownership:  handles are values. None is zero; a released, stale, foreign or invented one is an
//             error, never undefined behaviour. What `_create` or `_load` gives is released once,
//             from any thread, in any order. Out-parameters are written on success only, unless
//             the function says otherwise.
// Invariants: zero is default, none or ok everywhere, so a zeroed struct is valid. Option structs
//             start with struct_size, set to sizeof. Nothing throws, unwinds, aborts on bad input
//             or sets a global error.
// Cost:       a call looks its handle up once; the message path makes one call a turn.
#ifndef ACTORCORE_ACTORCORE_H_
#define ACTORCORE_ACTORCORE_H_

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__GNUC__)
#define ACTORCORE_API __attribute__((visibility("default")))
#else
#define ACTORCORE_API
#endif

#ifdef __cplusplus
#define ACTORCORE_NOEXCEPT noexcept
extern "C" {
#else
#define ACTORCORE_NOEXCEPT
#endif
"""

EPILOGUE = """
#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // ACTORCORE_ACTORCORE_H_
"""


def spelled(text):
    """Doc texts may leave out the AC_ of a status; the header does not."""
    return re.sub(r"(?<![A-Z_])E_[A-Z]", lambda match: "AC_" + match[0], text)


def comment(text, indent=""):
    """A doc text as // lines."""
    lines = []
    for number, paragraph in enumerate(words(spelled(text))):
        if number:
            lines.append(indent + "//")
        lines += textwrap.wrap(paragraph, WIDTH, initial_indent=indent + "// ", subsequent_indent=indent + "// ",
                               break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines) + "\n"


def hanging(label, text, indent):
    """`label  text`, wrapped under the text."""
    lead = "//   " + label.ljust(indent) + "  "
    return textwrap.fill(spelled(text), WIDTH, initial_indent=lead, subsequent_indent="//" + " " * (len(lead) - 2),
                         break_long_words=False, break_on_hyphens=False) + "\n"


def declare(type_, name, array=0):
    return f"{type_} {name}" + (f"[{array}]" if array else "")


def literal(scalar, value):
    macro = MACROS[scalar]
    if value < 0:
        return f"(-{macro}({-value}))"
    return f"{macro}({value:#x})" if value > 0x7fffffff else f"{macro}({value})"


def parameters(call):
    return ", ".join(declare(param.type, param.name) for param in call.params) or "void"


def signature(call, head, tail, width=WIDTH):
    """`head(params)tail`, broken between parameters when it is too long."""
    line = f"{head}({parameters(call)}){tail}"
    if len(line) <= width:
        return line + "\n"
    parts = parameters(call).replace(" ", "~").replace(",~", ", ") + ")" + tail.replace(" ", "~")
    return head + "(\n" + textwrap.fill(parts, width, initial_indent="    ", subsequent_indent="    ",
                                        break_long_words=False).replace("~", " ") + "\n"


def beside(rows, indent=""):
    """Lines with their docs: behind them in one column where that fits, above them where not."""
    docs = [" ".join(spelled(doc).split()) for _, doc in rows]
    fits = [line for (line, _), doc in zip(rows, docs) if len(line) + len(doc) + 5 <= WIDTH]
    column = max((len(line) for line in fits), default=0)
    text = ""
    for (line, _), doc in zip(rows, docs):
        if line in fits and column + len(doc) + 5 <= WIDTH:
            text += f"{line.ljust(column)}  // {doc}\n"
        elif line in fits:
            text += f"{line}  // {doc}\n"
        else:
            text += comment(doc, indent) + line + "\n"
    return text


def emit_typedef(item):
    return f"{comment(item.doc)}typedef {item.type} {item.name};\n"


def emit_constants(api, item):
    scalar = api.scalar(item.type)
    width = max(len(item.prefix + row.name) for row in item.values)
    return comment(item.doc) + "\n" + beside(
        [(f"#define {(item.prefix + row.name).ljust(width)} {literal(scalar, row.value)}", row.doc)
         for row in item.values])


def emit_callback(item):
    text = comment(item.doc)
    text += emit_params(item)
    return text + signature(item, f"typedef {item.returns} (*{item.name})", ";")


def emit_struct(item):
    rows = [(f"  {declare(part.type, part.name, part.array)};", part.doc) for part in item.fields]
    return f"{comment(item.doc)}struct {item.name} {{\n{beside(rows, '  ')}}};\n"


def emit_params(call):
    if not call.params:
        return ""
    text = ""
    width = max(len(param.name) for param in call.params)
    for param in call.params:
        notes = [] if param.dir == "in" else [param.dir]
        if param.type.stars and param.null and "null" not in param.doc:
            notes.append("may be null")
        if param.count:
            notes.append(f"`{param.count}` of them")
        doc = " ".join(param.doc.split())
        text += hanging(param.name, f"{'[' + ', '.join(notes) + '] ' if notes else ''}{doc}", width)
    return text


def emit_function(item):
    text = comment(item.doc) + emit_params(item)
    waits = " Waits." if item.blocks else ""
    calls = " Calls back." if item.calls_back else ""
    text += f"// Thread: {item.thread}.{waits}{calls} Since {item.since} ({item.state} {item.date}).\n"
    if item.errors:
        text += comment("Errors: " + ", ".join("AC_" + error for error in item.errors) + ".")
    return text + signature(item, f"ACTORCORE_API {item.returns} {item.name}", " ACTORCORE_NOEXCEPT;")


def emit_item(api, item):
    if isinstance(item, Typedef):
        return emit_typedef(item)
    if isinstance(item, Constants):
        return emit_constants(api, item)
    if isinstance(item, Callback):
        return emit_callback(item)
    if isinstance(item, Struct):
        return emit_struct(item)
    return emit_function(item)


def emit_names(api):
    """Scalars, handles and struct names, so that sections may use each other's."""
    text = ""
    for item in api.all(Typedef):
        text += "\n" + emit_typedef(item)
    for item in api.all(Handle):
        text += f"\n{comment(item.doc)}typedef struct {item.name} {{ uint64_t bits; }} {item.name};\n"
    text += "\n"
    for item in api.all(Struct):
        text += f"typedef struct {item.name} {item.name};\n"
    return text


def emit_section(api, noun):
    text = f"\n// ---- {noun.title} ".ljust(WIDTH + 1, "-") + "\n//\n" + comment(noun.doc)
    for item in noun.items:
        if not isinstance(item, (Typedef, Handle)):
            text += "\n" + emit_item(api, item)
    return text


def emit_table(api, slots):
    """The function table of ac_get_api, in the order in which functions were added."""
    text = "\n" + comment("Every function of the library for callers that use dlopen, by ac_get_api. Append only: "
                          "a slot keeps its place for ever; struct_size says how many this library has.")
    text += "struct ac_api {\n  uint32_t struct_size;\n  uint32_t version;  // ac_version()\n"
    for name in slots:
        call = api.by_name[name]
        text += textwrap.indent(
            signature(call, f"{call.returns} (*{name.removeprefix(api.prefix)})", ";", WIDTH - 2), "  ")
    return text + "};\n"


def header(api, slots, folder):
    text = PROLOGUE + emit_names(api)
    for noun in api.nouns:
        text += emit_section(api, noun)
    if slots:
        text += emit_table(api, slots)
    text += "\n" + Path(folder, "inline.h").read_text()
    return text + EPILOGUE
