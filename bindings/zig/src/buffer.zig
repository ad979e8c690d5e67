//! Buffers: bytes that actors share rather than copy, made by the program or mapped from a file.
//!
//! Threads:    any; a Buffer is a value that stands for one reference.
//! Invariants: nobody writes after the first send. The bytes live until the last reference is given back; each message
//!             on its way has one of its own.
//! Cost:       one call each; a send copies nothing, but for up to 32 bytes.
const raw = @import("raw.zig");
const status = @import("status.zig");
const messages = @import("message.zig");
const Context = @import("context.zig").Context;
const Error = status.Error;

pub const Buffer = struct {
    handle: raw.ac_buffer = .{},
    /// Good while this reference is held.
    bytes: []const u8 = "",

    /// Makes one of `size` zeroes, 1 byte to 1 GiB, which the caller writes to through `room` before the first send.
    /// Release with `deinit`.
    pub fn init(size: u64, room: *[]u8) Error!Buffer {
        var buffer: Buffer = .{};
        var data: ?[*]u8 = null;
        try status.check(raw.ac_buffer_create(size, &buffer.handle, &data));
        room.* = data.?[0..size];
        buffer.bytes = room.*;
        return buffer;
    }

    /// A part of a file.
    pub const Part = struct {
        /// Where it begins, in bytes; any.
        offset: u64 = 0,
        /// How many bytes, at most 1 GiB; 0 is to the end of the file.
        size: u64 = 0,
    };

    /// Makes one over a part of a file without reading it: pages come when they are first read, and the mapping goes
    /// with the last reference. The file must stay as it is meanwhile; reading what was cut off it ends the process.
    /// error.NotFound: no such file; error.Io: it is no regular one; error.InvalidArgument: it has not so many bytes.
    pub fn map(path: []const u8, part: Part, diagnostics: ?*status.Diagnostics) Error!Buffer {
        var buffer: Buffer = .{};
        var view: raw.ac_bytes = .{};
        const out = status.Diagnostics.out(diagnostics);
        const text = status.text(path);
        try status.check(raw.ac_buffer_map(text, part.offset, part.size, &buffer.handle, &view, out));
        buffer.bytes = view.data.?[0..view.size];
        return buffer;
    }

    /// Keeps the payload of the message in hand beyond the turn: one more reference, for `deinit`. Null where it is at
    /// most 32 bytes, which are in no buffer; copy those.
    pub fn of(ctx: *const Context) Error!?Buffer {
        const handle = messages.bufferOf(ctx.message);
        if (handle.bits == 0) return null;
        try status.check(raw.ac_buffer_retain(handle));
        return .{ .handle = handle, .bytes = ctx.payload() };
    }

    /// One more reference, for another owner to `deinit`.
    pub fn retain(self: Buffer) Error!Buffer {
        try status.check(raw.ac_buffer_retain(self.handle));
        return self;
    }

    /// Gives the reference back; the last one frees the bytes.
    pub fn deinit(self: Buffer) void {
        raw.ac_buffer_release(self.handle);
    }

    /// Makes the bytes an envelope's payload; a long one takes a reference along, which is the result.
    pub fn put(self: Buffer, envelope: *messages.Envelope) Error!raw.ac_buffer {
        envelope.length = @intCast(self.bytes.len);
        if (self.bytes.len <= messages.inline_bytes) {
            @memcpy(envelope.data[0..self.bytes.len], self.bytes);
            return .{};
        }
        try status.check(raw.ac_buffer_retain(self.handle));
        envelope.data[0..8].* = @bitCast(self.handle.bits);
        return self.handle;
    }
};
