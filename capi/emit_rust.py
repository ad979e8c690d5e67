"""Writes the Rust crate actorcore-sys: lib.rs and its layout test."""

from description import Callback, Constants, Function, Handle, Struct, Typedef
from emit_library import layout_rows
from names import GENERATED, call_doc, camel, doc, quoted

WIDTH = 100
SCALARS = {
    "char": "u8", "uint8_t": "u8", "int32_t": "i32", "uint32_t": "u32", "int64_t": "i64", "uint64_t": "u64",
    "uintptr_t": "usize", "double": "f64", "void": "()",
}
KEYWORDS = ("type", "in", "ref", "match", "move", "use", "where")

PROLOGUE = f"""\
// {GENERATED}
//! The C ABI of libactorcore as it is; the crate `actorcore` is the safe layer over it.
//!
//! Types, constants and functions have their C names. A group of constants also has a type of its own, such as
//! [`Bucket`], that names, parses, prints and checks its values. `include/actorcore/actorcore.h` is the reference.
#![no_std]
#![allow(non_camel_case_types)]

mod named;

pub use named::{{Named, UnknownName}};

"""


def spelled(name):
    return name + "_" if name in KEYWORDS else name


def rust_type(type_):
    base = SCALARS.get(type_.base, type_.base)
    text = base
    for star in range(type_.stars):
        text = ("*const " if type_.const and star == 0 else "*mut ") + text
    return text


def field_type(part):
    text = rust_type(part.type)
    return f"[{text}; {part.array}]" if part.array else text


def arguments(call):
    return ", ".join(f"{spelled(param.name)}: {rust_type(param.type)}" for param in call.params)


def returns(call):
    return "" if str(call.returns) == "void" else f" -> {rust_type(call.returns)}"


def wrapped(head, call, tail, indent=""):
    """A signature as rustfmt breaks it."""
    line = f"{indent}{head}({arguments(call)}){returns(call)}{tail}"
    if len(line) < WIDTH or len(line) == WIDTH and tail == ",":
        return line + "\n"
    if len(line) == WIDTH:
        return f"{indent}{head}({arguments(call)})\n{indent}   {returns(call)}{tail}\n"
    rows = "".join(f"{indent}    {row},\n" for row in arguments(call).split(", "))
    return f"{indent}{head}(\n{rows}{indent}){returns(call)}{tail}\n"


def emit_handle(item):
    return (doc(item.doc, "/// ", WIDTH) + "#[repr(C)]\n"
            "#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]\n"
            f"pub struct {item.name} {{\n    /// 0 is none.\n    pub bits: u64,\n}}\n\n")


def emit_constants(api, item):
    scalar = SCALARS[api.scalar(item.type)]
    kind = item.type if item.type in api.by_name else scalar
    text = ""
    for row in item.values:
        text += doc(row.doc, "/// ", WIDTH) + f"pub const {item.prefix}{row.name}: {kind} = {row.value};\n"
    name = camel(item.name)
    text += "\n" + doc(item.doc, "/// ", WIDTH) + "#[repr(transparent)]\n"
    text += f"#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]\npub struct {name}(pub {scalar});\n\n"
    text += f"impl {name} {{\n"
    for row in item.values:
        text += doc(row.doc, "    /// ", WIDTH)
        text += f"    pub const {row.name}: {name} = {name}({item.prefix}{row.name});\n"
    rows = "".join(f"        ({quoted(row.name)}, {item.prefix}{row.name}),\n" for row in item.values)
    return text + f"}}\n\nnamed::named! {{ {name}, {scalar}, {quoted(item.prefix)}, {str(item.flags).lower()}, [\n" \
        f"{rows}    ]\n}}\n\n"


def emit_callback(item):
    text = doc(item.doc, "/// ", WIDTH) + f"pub type {item.name} ="
    fn = f"Option<unsafe extern \"C\" fn({arguments(item)}){returns(item)}>;"
    if len(text.splitlines()[-1]) + 1 + len(fn) <= WIDTH:
        return f"{text} {fn}\n\n"
    if len(fn) + 4 <= WIDTH:
        return f"{text}\n    {fn}\n\n"
    rows = "".join(f"        {row},\n" for row in arguments(item).split(", "))
    return f"{text} Option<\n    unsafe extern \"C\" fn(\n{rows}    ){returns(item)},\n>;\n\n"


def zero(api, part):
    if part.array:
        return f"[{zero_of(api, part)}; {part.array}]"
    return zero_of(api, part)


def zero_of(api, part):
    """The zero of a field, or of one element of it."""
    if part.type.stars:
        return "core::ptr::null()" if part.type.const and part.type.stars == 1 else "core::ptr::null_mut()"
    item = api.by_name.get(part.type.base)
    if isinstance(item, Callback):
        return "None"
    if isinstance(item, Handle):
        return f"{item.name} {{ bits: 0 }}"
    if isinstance(item, Struct):
        return f"{item.name}::new()"
    return "0.0" if part.type.base == "double" else "0"


def emit_struct(api, item):
    text = doc(item.doc, "/// ", WIDTH) + f"#[repr(C)]\n#[derive(Clone, Copy, Debug)]\npub struct {item.name} {{\n"
    for part in item.fields:
        text += doc(part.doc, "    /// ", WIDTH) + f"    pub {spelled(part.name)}: {field_type(part)},\n"
    sized = item.fields[0].name == "struct_size"
    about = ", but for `struct_size`, which is this version's" if sized else ""
    values = [f"{spelled(part.name)}: " + ("core::mem::size_of::<Self>() as u32" if part.name == "struct_size"
                                           else zero(api, part)) for part in item.fields]
    made = f"        Self {{ {', '.join(values)} }}\n"
    if len(made) > WIDTH + 1:
        made = "        Self {\n" + "".join(f"            {value},\n" for value in values) + "        }\n"
    text += f"}}\n\nimpl {item.name} {{\n    /// All zero{about}.\n    pub const fn new() -> Self {{\n{made}    }}\n}}\n\n"
    return text + f"impl Default for {item.name} {{\n    fn default() -> Self {{\n        Self::new()\n    }}\n}}\n\n"


def slot(name, call):
    fn = f"unsafe extern \"C\" fn({arguments(call)}){returns(call)},\n"
    if len(f"    pub {name}: {fn}") <= WIDTH + 1 or len(f"        {fn}") > WIDTH + 1:
        return wrapped(f"pub {name}: unsafe extern \"C\" fn", call, ",", "    ")
    return f"    pub {name}:\n        {fn}"


def emit_table(api, slots):
    item = api.by_name["ac_api"]
    text = doc(item.doc, "/// ", WIDTH) + "#[repr(C)]\n#[derive(Clone, Copy, Debug)]\npub struct ac_api {\n"
    text += "    /// Bytes that this library has; slots past them do not exist.\n    pub struct_size: u32,\n"
    text += "    /// `ac_version()`.\n    pub api_version: u32,\n"
    for name in slots:
        call = api.by_name[name]
        text += f"    /// `{name}`.\n"
        text += slot(name.removeprefix(api.prefix), call)
    return text + "}\n\n"


def library(api, slots):
    text = PROLOGUE + "/// The version that these declarations describe, as [`ac_version`] gives it.\n"
    text += f"pub const AC_API_VERSION: u32 = {api.version_number:#x};\n\n"
    for item in api.all(Typedef):
        text += doc(item.doc, "/// ", WIDTH) + f"pub type {item.name} = {SCALARS[item.type]};\n\n"
    text += "".join(emit_handle(item) for item in api.all(Handle))
    text += "".join(emit_constants(api, item) for item in api.all(Constants))
    text += "".join(emit_callback(item) for item in api.all(Callback))
    text += "".join(emit_struct(api, item) for item in api.all(Struct)) + emit_table(api, slots)
    text += 'unsafe extern "C" {\n'
    for number, item in enumerate(api.all(Function)):
        text += "\n" * bool(number) + doc(call_doc(item), "    /// ", WIDTH)
        text += wrapped(f"pub fn {item.name}", item, ";", "    ")
    return text + "}\n"


def layout_value(name, expression):
    if expression.startswith("sizeof"):
        return f"size_of::<{name}>() as i64"
    if expression.startswith("offsetof"):
        struct, part = name.split(".")
        return f"offset_of!({struct}, {spelled(part)}) as i64"
    return f"{name} as i64"


def layout_row(name, value):
    """A row of the table as rustfmt breaks it."""
    row = f'    ("{name}", {value}),\n'
    return row if len(row) <= WIDTH + 1 else f'    (\n        "{name}",\n        {value},\n    ),\n'


def layout_test(api):
    rows = "".join(layout_row(name, layout_value(name, expression)) for name, expression in layout_rows(api))
    return f"""\
// {GENERATED}
//! What these declarations say of sizes, offsets and constants is what the library was compiled with.

use actorcore_sys::*;
use std::collections::BTreeMap;
use std::mem::{{offset_of, size_of}};

const OURS: &[(&str, i64)] = &[
{rows}];

#[test]
fn layout_is_the_librarys() {{
    let mut rows = std::ptr::null();
    let mut count = 0;
    assert_eq!(unsafe {{ ac_layout(&mut rows, &mut count) }}, AC_OK);
    let rows = unsafe {{ std::slice::from_raw_parts(rows, count as usize) }};
    let text = |view: ac_text| unsafe {{
        std::str::from_utf8(std::slice::from_raw_parts(view.data, view.size as usize)).unwrap()
    }};
    let theirs: BTreeMap<_, _> = rows.iter().map(|row| (text(row.name), row.value)).collect();
    assert_eq!(OURS.iter().copied().collect::<BTreeMap<_, _>>(), theirs);
}}

#[test]
fn version_is_the_librarys() {{
    assert_eq!(unsafe {{ ac_version() }}, AC_API_VERSION);
}}
"""
