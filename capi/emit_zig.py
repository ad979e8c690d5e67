"""Writes the Zig declarations and their layout test."""

from description import Callback, Constants, Function, Handle, Struct, Table, Typedef
from emit_library import layout_rows
from names import GENERATED, call_doc, camel, doc, quoted

WIDTH = 120
SCALARS = {
    "char": "u8", "uint8_t": "u8", "int32_t": "i32", "uint32_t": "u32", "int64_t": "i64", "uint64_t": "u64",
    "uintptr_t": "usize", "double": "f64", "void": "void",
}
KEYWORDS = ("error", "inline", "null", "type", "struct", "enum", "union", "test", "suspend", "resume", "async")

PROLOGUE = f"""\
// {GENERATED}
//! The C ABI of libactorcore as it is, in plain externs; the other files of this package are the layer to use.
//!
//! Types, constants and functions have their C names. A group of constants also is an enum, such as `Bucket`, that
//! names, parses, prints and checks its values. include/actorcore/actorcore.h is the reference.
const std = @import("std");

/// What the enums of constants have in common. Values print as their C names without the prefix, flags joined by `|`,
/// and what has no name as a number; they parse from their names with or without the prefix.
fn Named(comptime T: type, comptime prefix: []const u8, comptime flags: bool) type {{
    return struct {{
        const tags = std.meta.tags(T);

        fn upper(comptime tag: T) []const u8 {{
            const text = comptime blk: {{
                var buffer: [@tagName(tag).len]u8 = undefined;
                _ = std.ascii.upperString(&buffer, @tagName(tag));
                break :blk buffer;
            }};
            return &text;
        }}

        /// The name of exactly this value.
        fn name(value: T) ?[]const u8 {{
            inline for (tags) |tag| if (value == tag) return upper(tag);
            return null;
        }}

        /// A value that this version knows; for flags, a combination of such.
        fn isValid(value: T) bool {{
            if (!flags) return name(value) != null;
            comptime var known = 0;
            inline for (tags) |tag| known |= @backingInt(tag);
            return @backingInt(value) & ~@as(@typeInfo(T).@"enum".tag_type, known) == 0;
        }}

        fn one(text: []const u8) ?T {{
            const short = if (std.mem.startsWith(u8, text, prefix)) text[prefix.len..] else text;
            inline for (tags) |tag| if (std.mem.eql(u8, short, upper(tag))) return tag;
            return null;
        }}

        fn parse(text: []const u8) ?T {{
            if (!flags) return one(text);
            if (std.mem.eql(u8, text, "0")) return @fromBackingInt(0);
            var all: @typeInfo(T).@"enum".tag_type = 0;
            var parts = std.mem.splitScalar(u8, text, '|');
            while (parts.next()) |part| all |= @backingInt(one(part) orelse return null);
            return @fromBackingInt(all);
        }}

        fn format(value: T, writer: *std.Io.Writer) std.Io.Writer.Error!void {{
            if (name(value)) |text| return writer.writeAll(text);
            const bits = @backingInt(value);
            if (!flags or bits == 0 or !isValid(value)) return writer.print("{{d}}", .{{bits}});
            var bar: []const u8 = "";
            inline for (tags) |tag| if (bits & @backingInt(tag) != 0) {{
                try writer.print("{{s}}{{s}}", .{{ bar, upper(tag) }});
                bar = "|";
            }};
        }}
    }};
}}

"""


def spelled(name):
    return f'@"{name}"' if name in KEYWORDS else name


def is_many(api, type_, count):
    """Does the pointer lead to an array?"""
    item = api.by_name.get(type_.base)
    return bool(count) or type_.base in ("char", "uint8_t") or type_.stars == 2 and type_.const \
        and not isinstance(item, Table)


def zig_type(api, type_, count=""):
    """A parameter's type: every pointer may be null, as the library checks it."""
    base = SCALARS.get(type_.base, type_.base)
    if not type_.stars:
        return f"?*const {base}" if isinstance(api.by_name.get(type_.base), Callback) else base
    pointer = ("[*]" if is_many(api, type_, count) else "*") + ("const " if type_.const else "")
    return "?*" * (type_.stars - 1) + "?" + pointer + base


def field_type(api, part):
    """A field's type and default. A pointer in a struct leads to an array; one to pointers is the library's own."""
    base = SCALARS.get(part.type.base, part.type.base)
    if part.array:
        zero = ".{}" if isinstance(api.by_name.get(part.type.base), (Handle, Struct)) else "0"
        return f"[{part.array}]{base} = @splat({zero})"
    if part.type.stars == 2:
        return f"[*]*{base}"
    if isinstance(item := api.by_name.get(part.type.base), Struct) and item.kind == "options" and part.type.stars:
        return f"?*const {base} = null"
    if part.type.stars:
        return f"?[*]{'const ' if part.type.const else ''}{base} = null"
    item = api.by_name.get(part.type.base)
    if isinstance(item, Callback):
        return f"?*const {base} = null"
    return f"{base} = " + (".{}" if isinstance(item, (Handle, Struct)) else "0")


def arguments(api, call):
    return ", ".join(f"{spelled(param.name)}: {zig_type(api, param.type, param.count)}" for param in call.params)


def emit_constants(api, item):
    scalar = SCALARS[api.scalar(item.type)]
    text = ""
    for row in item.values:
        value = f"{row.value:#x}" if row.value > 0xffff else row.value
        text += doc(row.doc, "/// ", WIDTH) + f"pub const {item.prefix}{row.name}: {scalar} = {value};\n"
    name = camel(item.name)
    text += "\n" + doc(item.doc, "/// ", WIDTH) + f"pub const {name} = enum({scalar}) {{\n"
    for row in item.values:
        tag = row.name.lower()
        text += f"    {tag if tag == 'type' else spelled(tag)} = {item.prefix}{row.name},\n"  # as zig fmt has it
    return text + f"""\
    _,

    const named = Named({name}, {quoted(item.prefix)}, {str(item.flags).lower()});
    pub const nameOf = named.name;
    pub const parse = named.parse;
    pub const isValid = named.isValid;
    pub const format = named.format;
}};

"""


def emit_callback(api, item):
    params = ", ".join(f"{spelled(param.name)}: {zig_type(api, param.type).removeprefix('?')}" for param in item.params)
    returns = zig_type(api, item.returns) if item.returns.stars else SCALARS.get(str(item.returns), str(item.returns))
    return f"{doc(item.doc, '/// ', WIDTH)}pub const {item.name} = fn ({params}) callconv(.c) {returns};\n\n"


def emit_struct(api, item):
    text = doc(item.doc, "/// ", WIDTH) + f"pub const {item.name} = extern struct {{\n"
    for part in item.fields:
        text += doc(part.doc, "    /// ", WIDTH)
        if part.name == "struct_size":
            text += f"    struct_size: u32 = @sizeOf({item.name}),\n"
        else:
            text += f"    {part.name}: {field_type(api, part)},\n"
    return text + "};\n\n"


def emit_table(api, slots):
    item = api.by_name["ac_api"]
    text = doc(item.doc, "/// ", WIDTH) + "pub const ac_api = extern struct {\n"
    text += "    /// Bytes that this library has; slots past them do not exist.\n    struct_size: u32,\n"
    text += "    /// `ac_version()`.\n    api_version: u32,\n"
    return text + "".join(f"    {name.removeprefix(api.prefix)}: *const @TypeOf({name}),\n" for name in slots) + "};\n\n"


def declarations(api, slots):
    text = PROLOGUE + "/// The version that these declarations describe, as ac_version gives it.\n"
    text += f"pub const AC_API_VERSION: u32 = {api.version_number:#x};\n\n"
    for item in api.all(Typedef):
        text += doc(item.doc, "/// ", WIDTH) + f"pub const {item.name} = {SCALARS[item.type]};\n\n"
    for item in api.all(Handle):
        text += doc(item.doc, "/// ", WIDTH) + f"pub const {item.name} = extern struct {{ bits: u64 = 0 }};\n\n"
    text += "".join(emit_constants(api, item) for item in api.all(Constants))
    text += "".join(emit_callback(api, item) for item in api.all(Callback))
    text += "".join(emit_struct(api, item) for item in api.all(Struct)) + emit_table(api, slots)
    functions = []
    for item in api.all(Function):
        returns = SCALARS.get(str(item.returns), str(item.returns))
        functions.append(doc(call_doc(item), "/// ", WIDTH)
                         + f"pub extern fn {item.name}({arguments(api, item)}) {returns};\n")
    return text + "\n".join(functions)


def layout_test(api):
    rows = "".join(f"    .{{ {quoted(name)}, {layout_value(name, expression)} }},\n"
                   for name, expression in layout_rows(api))
    return f"""\
// {GENERATED}
//! What raw.zig says of sizes, offsets and constants is what the library was compiled with.
const std = @import("std");
const raw = @import("raw.zig");

const Row = struct {{ []const u8, i128 }};
const ours = [_]Row{{
{rows}}};

test "the layout is the library's" {{
    var rows: ?[*]const raw.ac_layout_row = null;
    var count: u64 = 0;
    try std.testing.expectEqual(raw.AC_OK, raw.ac_layout(&rows, &count));
    try std.testing.expectEqual(ours.len, count);
    for (rows.?[0..count], ours) |theirs, our| {{
        try std.testing.expectEqualStrings(our[0], theirs.name.data.?[0..theirs.name.size]);
        const value: i64 = @bitCast(@as(u64, @truncate(@as(u128, @bitCast(our[1])))));
        try std.testing.expectEqual(value, theirs.value);
    }}
}}

test "every declaration compiles and every function is there" {{
    std.testing.refAllDecls(raw);
}}

test "the version is the library's" {{
    try std.testing.expectEqual(raw.AC_API_VERSION, raw.ac_version());
}}

test "a constant prints as its name and parses with and without the prefix" {{
    var buffer: [64]u8 = undefined;
    try std.testing.expectEqualStrings("POST_ADD", try std.fmt.bufPrint(&buffer, "{{f}}", .{{raw.Bucket.post_add}}));
    try std.testing.expectEqual(raw.Bucket.post_add, raw.Bucket.parse("POST_ADD"));
    try std.testing.expectEqual(raw.Bucket.post_add, raw.Bucket.parse("AC_BUCKET_POST_ADD"));
    try std.testing.expectEqual(null, raw.Bucket.parse("post_add"));
    const unknown: raw.Bucket = @fromBackingInt(9);
    try std.testing.expectEqualStrings("9", try std.fmt.bufPrint(&buffer, "{{f}}", .{{unknown}}));
    try std.testing.expect(!unknown.isValid());
    try std.testing.expect(raw.Bucket.flat.isValid());
}}

test "flags combine" {{
    var buffer: [64]u8 = undefined;
    const both: raw.SpawnFlag = @fromBackingInt(raw.AC_SPAWN_STARTED | raw.AC_SPAWN_STOPPED);
    try std.testing.expectEqualStrings("STARTED|STOPPED", try std.fmt.bufPrint(&buffer, "{{f}}", .{{both}}));
    try std.testing.expectEqual(both, raw.SpawnFlag.parse("STARTED|AC_SPAWN_STOPPED"));
    try std.testing.expect(both.isValid());
    try std.testing.expect(!@as(raw.SpawnFlag, @fromBackingInt(1 << 31)).isValid());
    try std.testing.expectEqual(@as(raw.SpawnFlag, @fromBackingInt(0)), raw.SpawnFlag.parse("0"));
}}

test "every status has the library's name" {{
    for (std.meta.tags(raw.Status)) |status| {{
        var name: raw.ac_text = .{{}};
        try std.testing.expectEqual(raw.AC_OK, raw.ac_status_text(@backingInt(status), &name, null));
        try std.testing.expectEqualStrings(status.nameOf().?, name.data.?["AC_".len..name.size]);
    }}
}}
"""


def layout_value(name, expression):
    if expression.startswith("sizeof"):
        return f"@sizeOf(raw.{name})"
    if expression.startswith("offsetof"):
        struct, part = name.split(".")
        return f"@offsetOf(raw.{struct}, {quoted(part)})"
    return f"raw.{name}"
