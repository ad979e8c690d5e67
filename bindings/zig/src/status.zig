//! What a call came to: statuses as Zig errors, and why a control call failed.
//!
//! Threads:    everything here is a value; a Diagnostics belongs to one caller.
//! Invariants: every status of the ABI but OK has exactly one error, named after it (a test compares the two lists).
//! Cost:       a comparison on success.
const std = @import("std");
const raw = @import("raw.zig");

/// One error for each status. `error.UnknownStatus` is a status of a newer library.
pub const Error = error{
    InvalidArgument,
    Null,
    UnknownConstant,
    Unsupported,
    OutOfMemory,
    BufferTooSmall,
    Timeout,
    WouldDeadlock,
    Busy,
    NotFound,
    Exists,
    Limit,
    Internal,
    WrongMode,
    Stale,
    WrongSystem,
    NoHandle,
    Stopped,
    Failed,
    NoReply,
    Full,
    Overloaded,
    BadRegistry,
    BadDocument,
    Rejected,
    NoRegistry,
    NotCached,
    UnknownDimension,
    Io,
    Handler,
    Panic,
    UnknownStatus,
};

/// A status as its number and name; it parses, prints and checks itself.
pub const Status = raw.Status;

/// Nothing for AC_OK, else the status as an error.
pub inline fn check(status: raw.ac_status) Error!void {
    if (status != raw.AC_OK) return errorOf(@fromBackingInt(status));
}

/// The error of a status that is not `ok`.
pub fn errorOf(status: Status) Error {
    @branchHint(.cold);
    for (pairs) |pair| if (pair[0] == status) return pair[1];
    return error.UnknownStatus;
}

/// The status behind an error of this package; null for any other error.
pub fn statusOf(err: anyerror) ?Status {
    for (pairs) |pair| if (pair[1] == err) return pair[0];
    return null;
}

/// True when the same call may succeed later without any change by the caller.
pub fn isRetryable(status: Status) bool {
    return raw.ac_status_is_retryable(@backingInt(status)) != 0;
}

/// True when what was called no longer exists and never will again.
pub fn isGone(status: Status) bool {
    return raw.ac_status_is_gone(@backingInt(status)) != 0;
}

const pairs = [_]struct { Status, Error }{
    .{ .e_invalid_argument, error.InvalidArgument },
    .{ .e_null, error.Null },
    .{ .e_unknown_constant, error.UnknownConstant },
    .{ .e_unsupported, error.Unsupported },
    .{ .e_no_memory, error.OutOfMemory },
    .{ .e_buffer_too_small, error.BufferTooSmall },
    .{ .e_timeout, error.Timeout },
    .{ .e_would_deadlock, error.WouldDeadlock },
    .{ .e_busy, error.Busy },
    .{ .e_not_found, error.NotFound },
    .{ .e_exists, error.Exists },
    .{ .e_limit, error.Limit },
    .{ .e_internal, error.Internal },
    .{ .e_wrong_mode, error.WrongMode },
    .{ .e_stale, error.Stale },
    .{ .e_wrong_system, error.WrongSystem },
    .{ .e_no_handle, error.NoHandle },
    .{ .e_stopped, error.Stopped },
    .{ .e_failed, error.Failed },
    .{ .e_no_reply, error.NoReply },
    .{ .e_full, error.Full },
    .{ .e_overloaded, error.Overloaded },
    .{ .e_bad_registry, error.BadRegistry },
    .{ .e_bad_document, error.BadDocument },
    .{ .e_rejected, error.Rejected },
    .{ .e_no_registry, error.NoRegistry },
    .{ .e_not_cached, error.NotCached },
    .{ .e_unknown_dimension, error.UnknownDimension },
    .{ .e_io, error.Io },
    .{ .e_handler, error.Handler },
    .{ .e_panic, error.Panic },
};

/// Why a control call failed. Hand its address to the call, read it when the call failed, `deinit` it in the end:
///
///     var why: ac.Diagnostics = .{};
///     defer why.deinit();
///     engine.loadFile("registry.yaml", &why) catch |err| std.log.err("{t}: {f}", .{ err, why });
pub const Diagnostics = struct {
    handle: raw.ac_error = .{},

    pub fn deinit(self: *Diagnostics) void {
        raw.ac_error_release(self.handle);
        self.* = .{};
    }

    /// What went wrong and what to do; empty when nothing failed. Lives as long as the Diagnostics.
    pub fn message(self: Diagnostics) []const u8 {
        var view: raw.ac_text = .{};
        if (raw.ac_error_message(self.handle, &view) != raw.AC_OK) return "";
        return slice(view);
    }

    /// One detail, such as a defect of a document: the key is `file:line:column`, the value the reason.
    pub const Detail = struct { key: []const u8, value: []const u8 };

    /// The detail with that number, from 0; null past the last.
    pub fn detail(self: Diagnostics, index: u64) ?Detail {
        var key: raw.ac_text = .{};
        var value: raw.ac_text = .{};
        if (raw.ac_error_detail(self.handle, index, &key, &value) != raw.AC_OK) return null;
        return .{ .key = slice(key), .value = slice(value) };
    }

    /// The message, then one line for each detail.
    pub fn format(self: Diagnostics, writer: *std.Io.Writer) std.Io.Writer.Error!void {
        try writer.writeAll(self.message());
        var index: u64 = 0;
        while (self.detail(index)) |row| : (index += 1) try writer.print("\n{s}: {s}", .{ row.key, row.value });
    }

    /// Where a call puts its error; what was there before is given back.
    pub fn out(self: ?*Diagnostics) ?*raw.ac_error {
        const diagnostics = self orelse return null;
        diagnostics.deinit();
        return &diagnostics.handle;
    }
};

pub fn text(bytes: []const u8) raw.ac_text {
    return .{ .data = bytes.ptr, .size = bytes.len };
}

pub fn slice(view: raw.ac_text) []const u8 {
    return if (view.size == 0) "" else view.data.?[0..view.size];
}
