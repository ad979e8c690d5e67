//! Types of this package that are handed over as they are have the ABI's layout.
//!
//! Invariants: a difference in size, or in the place of a field, is a compile error.

pub fn same(comptime Ours: type, comptime Theirs: type) void {
    const ours = @typeInfo(Ours).@"struct".field_names;
    const theirs = @typeInfo(Theirs).@"struct".field_names;
    if (@sizeOf(Ours) != @sizeOf(Theirs) or @alignOf(Ours) != @alignOf(Theirs) or ours.len != theirs.len)
        @compileError(@typeName(Ours) ++ " is not laid out as " ++ @typeName(Theirs));
    for (ours, theirs) |mine, its| {
        if (@offsetOf(Ours, mine) != @offsetOf(Theirs, its))
            @compileError(@typeName(Ours) ++ "." ++ mine ++ " is not where the ABI has " ++ its);
    }
}
