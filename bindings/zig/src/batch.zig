//! Many messages to any actors in few calls, from outside the handlers.
//!
//! Threads:    one caller at a time.
//! Invariants: messages to one receiver keep their order; a refused one is counted in `refused` and owns nothing.
//! Cost:       one call of the library for as many messages as there are envelopes.
const std = @import("std");
const raw = @import("raw.zig");
const status = @import("status.zig");
const messages = @import("message.zig");

pub const Batch = struct {
    system: raw.ac_system,
    envelopes: []messages.Envelope,
    filled: usize = 0,
    /// Messages that were not accepted, as a rule because their receiver had stopped.
    refused: u64 = 0,

    /// Adds a message; a full batch is sent first. Call `send` in the end.
    pub fn tell(self: *Batch, to: anytype, message: @TypeOf(to).Message) status.Error!void {
        if (self.envelopes.len == 0) return error.BufferTooSmall;
        if (self.filled == self.envelopes.len) try self.send();
        const envelope = &self.envelopes[self.filled];
        envelope.* = .{ .to = .{ .bits = to.bits } };
        try messages.encode(@TypeOf(to).Message, envelope, &message);
        self.filled += 1;
    }

    /// Sends what was added and empties the batch.
    pub fn send(self: *Batch) status.Error!void {
        var statuses: [256]i32 = undefined;
        var done: usize = 0;
        defer self.filled = 0;
        // What a failing call left behind is given back; nothing of it was accepted.
        errdefer for (self.envelopes[done..self.filled]) |*envelope| raw.ac_buffer_release(messages.bufferOf(envelope));
        while (done < self.filled) {
            const part = self.envelopes[done..@min(self.filled, done + statuses.len)];
            try status.check(raw.ac_tell_many(self.system, part.ptr, part.len, &statuses, null));
            for (part, statuses[0..part.len]) |*envelope, one| if (one != raw.AC_OK) {
                self.refused += 1;
                raw.ac_buffer_release(messages.bufferOf(envelope));
            };
            done += part.len;
        }
    }
};
