"""Writes the C tests of the whole ABI: the layout, and every function with everything bad that can be handed to it."""

from description import Callback, Function, Handle, Struct
from emit_library import layout_rows
from names import GENERATED


def layout_test(api):
    rows = "".join(f'    {{"{name}", (int64_t){expression}}},\n' for name, expression in layout_rows(api))
    return f"""\
// {GENERATED}
//
// What a C compiler makes of the header is what the library was compiled with.
#include <actorcore/actorcore.h>
#include <stddef.h>
#include <stdio.h>

static const struct row {{
  const char* name;
  int64_t value;
}} ours[] = {{
{rows}}};

int main(void) {{
  const ac_layout_row* rows;
  uint64_t count;
  if (ac_layout(&rows, &count) != AC_OK || count != sizeof ours / sizeof *ours) {{
    return puts("ac_layout has another number of rows"), 1;
  }}
  int wrong = 0;
  for (uint64_t i = 0; i < count; ++i) {{
    const struct row our = ours[i];
    const int same = rows[i].name.size == strlen(our.name) &&
                     memcmp(rows[i].name.data, our.name, rows[i].name.size) == 0 && rows[i].value == our.value;
    if (!same) printf("%s: ours is %lld\\n", our.name, (long long)our.value), wrong = 1;
  }}
  return wrong;
}}
"""


def kind_of(api, part, call=None):
    if part.type.stars:
        struct = api.by_name.get(part.type.base)
        options = isinstance(struct, Struct) and struct.kind == "options" and part.type.const
        view = isinstance(struct, Struct) and struct.kind == "view" and call and part.dir == "inout"
        return "part_options" if options else "part_view" if view else "part_pointer"
    item = api.by_name.get(part.type.base)
    if isinstance(item, Handle):
        return "part_handle"
    if isinstance(item, Callback):
        return "part_callback"
    if isinstance(item, Struct):
        return "part_text" if item.name in ("ac_text", "ac_bytes") else "part_value"
    return "part_number"


def constants_of(api, part):
    group = api.by_name.get(part.constants)
    if not group:
        return ""
    if group.flags:
        known = 0
        for row in group.values:
            known |= row.value
        return f", .takes_constant = 1, .flags_known = {known:#x}"
    return f", .takes_constant = 1, .values_end = {max(row.value for row in group.values) + 1}"


def counts_of(part, parts):
    """Is this number the length of an array that goes in, or of one that is filled?"""
    arrays = [other for other in parts if getattr(other, "count", "") == part.name]
    if not arrays:
        return ""
    goes_in = any(getattr(other, "dir", "in") == "in" for other in arrays)
    return f", .count = {'count_in' if goes_in else 'count_out'}"


def row(api, owner, part, parts, call=None):
    """One parameter or field as the driver reads it."""
    kind = kind_of(api, part, call)
    text = f"    {{PART({owner}, {part.name}), .kind = {kind}"
    item = api.by_name.get(part.type.base)
    if isinstance(item, Handle):
        text += f", .handle = handle_{part.type.base.removeprefix('ac_')}"
    if kind in ("part_options", "part_view"):
        text += f", .shape = &shape_{part.type.base}"
    if getattr(part, "null", False):
        text += ", .may_be_null = 1"
    if getattr(part, "dir", "in") != "in":
        text += ", .goes_out = 1"
    if part.type.stars and getattr(part, "count", ""):
        text += f', .length = "{part.count}"'
    if getattr(part, "dead", False):
        text += ", .may_be_dead = 1"
    if "cut" in part.doc:
        text += ", .is_cut = 1"
    return text + constants_of(api, part) + counts_of(part, parts) + "},\n"


def shapes(api):
    """The structs that start with their size, fields and all."""
    text = ""
    used = {param.type.base for f in api.all(Function) for param in f.params
            if kind_of(api, param, f) in ("part_options", "part_view")}
    inside = {struct.name: [part.type.base for part in struct.fields
                            if kind_of(api, part) == "part_options"] for struct in api.all(Struct)}

    def depth(name):
        return 1 + max((depth(inner) for inner in inside[name]), default=0)

    for struct in sorted(api.all(Struct), key=lambda item: depth(item.name)):  # the inner ones first
        if struct.name not in used.union(*inside.values()):
            continue
        fields = [part for part in struct.fields if part.name != "struct_size"]
        rows = "".join(row(api, struct.name, part, fields) for part in fields if not part.array)
        text += f"static const struct part fields_{struct.name}[] = {{\n{rows}}};\n"
        text += f'static const struct shape shape_{struct.name} = {{\n    "{struct.name}", sizeof({struct.name}), ' \
                f"fields_{struct.name}, COUNT(fields_{struct.name})}};\n\n"
    return text


def call(api, function):
    name, params = function.name, function.params
    text = ""
    if params:
        fields = "".join(f"  {param.type} {param.name};\n" for param in params)
        rows = "".join(row(api, f"struct {name}_params", param, params, function) for param in params)
        text += f"struct {name}_params {{\n{fields}}};\nstatic const struct part parts_{name}[] = {{\n{rows}}};\n"
    text += f"static ac_status call_{name}(const void* memory) {{\n"
    text += f"  const struct {name}_params* p = memory;\n" if params else "  (void)memory;\n"
    invoked = f"{name}({', '.join('p->' + param.name for param in params)})"
    if function.errors:
        return text + f"  return {invoked};\n}}\n\n"
    return text + f"  {'(void)' if str(function.returns) != 'void' else ''}{invoked};\n  return AC_OK;\n}}\n\n"


def call_row(function):
    name = function.name
    parts = f"parts_{name}, COUNT(parts_{name})" if function.params else "NULL, 0"
    errors = "".join(f"AC_{error}, " for error in function.errors) + "AC_OK"
    return f'    {{"{name}", call_{name}, {parts}, {{{errors}}}, {int(bool(function.errors))}}},\n'


def null_test(api):
    functions = api.all(Function)
    handles = [item.name.removeprefix("ac_") for item in api.all(Handle)]
    named = {function.name for function in functions}
    releases = "".join(
        f"    case handle_{name}: ac_{name}_release((ac_{name}){{bits}}); break;\n" for name in handles
        if f"ac_{name}_release" in named)
    return f"""\
// {GENERATED}
//
// Every function as a row that bad_input.c can call with anything.
#include "bad_input.h"

{shapes(api)}{"".join(call(api, function) for function in functions)}const struct call calls[] = {{
{"".join(call_row(function) for function in functions)}}};
const size_t call_count = COUNT(calls);

void release(enum handle_kind kind, uint64_t bits) {{
  switch (kind) {{
{releases}    default: break;
  }}
}}
""", f"""\
// {GENERATED}
//
// The kinds of handles, in the description's order.
#ifndef ACTORCORE_TESTS_ABI_HANDLE_KINDS_H_
#define ACTORCORE_TESTS_ABI_HANDLE_KINDS_H_

enum handle_kind {{ handle_none, {", ".join("handle_" + name for name in handles)}, handle_kinds }};

#endif  // ACTORCORE_TESTS_ABI_HANDLE_KINDS_H_
"""
