//! The reply to a request that was asked from outside the handlers.
//!
//! Threads:    one caller at a time.
//! Invariants: a reply above 32 bytes owns its buffer until deinit.
const std = @import("std");
const raw = @import("raw.zig");
const messages = @import("message.zig");

pub const Reply = struct {
    envelope: messages.Envelope = .{},

    pub fn deinit(self: *Reply) void {
        raw.ac_buffer_release(messages.bufferOf(&self.envelope));
        self.* = .{};
    }

    /// Who answered.
    pub fn sender(self: Reply) messages.Actor {
        return .{ .bits = self.envelope.sender.bits };
    }

    /// The bytes of the reply, until deinit.
    pub fn payload(self: *const Reply) []const u8 {
        return messages.payloadOf(&self.envelope);
    }

    /// What the reply says; a `[]const u8` in it lives until deinit.
    pub fn as(self: *const Reply, comptime Answer: type) messages.DecodeError!Answer {
        return messages.decode(Answer, &self.envelope);
    }

    /// Does a value of the type point into the reply that it came from?
    pub fn borrows(comptime Answer: type) bool {
        if (!messages.isUnion(Answer)) return Answer == []const u8;
        return std.mem.indexOfScalar(type, @typeInfo(Answer).@"union".field_types, []const u8) != null;
    }
};
