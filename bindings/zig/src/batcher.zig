//! A batcher gathers items into batches, by number or by time, for one consumer at a time.
//!
//! Threads:    any, handlers among them, but for `take` and `wait`, which wait; deinit is the owner's.
//! Invariants: a batch that is not done within its lease, ten times the budget and at least 10 ms, is given to the
//!             next, and what it lends must not be read any more.
//! Cost:       one call of the library a put; above 48 bytes also a buffer.
const raw = @import("raw.zig");
const status = @import("status.zig");
const messages = @import("message.zig");
const System = @import("system.zig").System;
const Error = status.Error;

const inline_bytes = raw.AC_BATCH_INLINE_BYTES;

pub const Batcher = struct {
    handle: raw.ac_batcher,

    pub const size_max = raw.AC_BATCH_SIZE_MAX;
    /// What it did; the mean size of a batch is `items / batches`.
    pub const Stats = raw.ac_batcher_stats;

    pub const Options = struct {
        /// Items of a full batch, 1 to 64; 0 is 32.
        size: u32 = 0,
        /// How long the first item waits for others; 0 is 150,000.
        timeout_ns: u64 = 0,
        /// How long a batch should take; 0 is 800,000, longer ones are counted.
        budget_ns: u64 = 0,
        /// Most items that wait, a power of two; 0 is 1,024.
        capacity: u32 = 0,
        /// Who is told by a message when a batch is due; none: threads take.
        to: messages.Actor = .none,
        /// The message's number; 0 is `actorcore.number.batch`.
        type: u32 = 0,
        /// And its payload.
        user: u64 = 0,
    };

    /// What a producer puts in; the bytes are copied.
    pub const Item = struct {
        data: []const u8 = "",
        /// Who gets the `Result`.
        reply_to: messages.Actor = .none,
        /// As a message of this number,
        type: u32 = 0,
        /// with this correlation: below 2^32 the program's own, else that of the request in hand, which it answers.
        correlation: u64 = 0,
    };

    /// How one item ended; the payload of its reply.
    pub const Result = extern struct {
        ticket: u64 = 0,
        value: u64 = 0,
        status: status.Status = .ok,
        reserved: u32 = 0,
    };

    /// A batch in a consumer's hands; `undefined` is ready for `take`.
    pub const Batch = struct {
        items: [size_max]raw.ac_batch_item,
        results: [size_max]Result,
        count: u64,
        number: u64,

        pub fn ticket(self: *const Batch, index: usize) u64 {
            return self.items[0..self.count][index].ticket;
        }

        /// An item's bytes, lent until the batch is done.
        pub fn data(self: *const Batch, index: usize) []const u8 {
            const item = &self.items[0..self.count][index];
            if (item.length <= inline_bytes) return item.data[0..item.length];
            const address: usize = @bitCast(item.data[8..16].*);
            return @as([*]const u8, @ptrFromInt(address))[0..item.length];
        }

        /// Gives an item its result; one that is given none has `ok` and 0.
        pub fn set(self: *Batch, index: usize, value: u64, how: status.Status) void {
            self.results[0..self.count][index] = .{ .value = value, .status = how };
        }
    };

    /// Release with `deinit`.
    pub fn init(system: System, options: Options, diagnostics: ?*status.Diagnostics) Error!Batcher {
        const given: raw.ac_batcher_options = .{
            .size = options.size,
            .timeout_ns = options.timeout_ns,
            .budget_ns = options.budget_ns,
            .capacity = options.capacity,
            .type = options.type,
            .to = .{ .bits = options.to.bits },
            .user = options.user,
        };
        var batcher: Batcher = .{ .handle = .{} };
        const out = status.Diagnostics.out(diagnostics);
        try status.check(raw.ac_batcher_create(system.handle(), &given, &batcher.handle, out));
        return batcher;
    }

    /// Items that have not ended end with `e_stale`.
    pub fn deinit(self: Batcher) void {
        raw.ac_batcher_release(self.handle);
    }

    /// Puts an item in, and gives its ticket. Never waits: error.Full says that too many wait.
    pub fn put(self: Batcher, item: Item) Error!u64 {
        if (item.data.len > raw.AC_PAYLOAD_BYTES_MAX) return error.Limit;
        var given: raw.ac_batch_item = .{
            .reply_to = .{ .bits = item.reply_to.bits },
            .correlation = item.correlation,
            .type = item.type,
            .length = @intCast(item.data.len),
        };
        var buffer: raw.ac_buffer = .{};
        if (item.data.len <= inline_bytes) {
            @memcpy(given.data[0..item.data.len], item.data);
        } else {
            var bytes: ?[*]u8 = null;
            try status.check(raw.ac_buffer_create(item.data.len, &buffer, &bytes));
            @memcpy(bytes.?[0..item.data.len], item.data);
            given.data[0..8].* = @bitCast(buffer.bits);
        }
        errdefer raw.ac_buffer_release(buffer);
        var ticket: u64 = 0;
        try status.check(raw.ac_batcher_put(self.handle, &given, &ticket));
        return ticket;
    }

    /// Takes the batch that is due, or waits for one. With timeout 0 it does not wait, and may be called in a handler;
    /// error.Timeout: none is due, or another consumer has it.
    pub fn take(self: Batcher, batch: *Batch, timeout_ns: u64) Error!void {
        batch.count = 0;
        try status.check(raw.ac_batcher_take(
            self.handle,
            &batch.items,
            size_max,
            timeout_ns,
            &batch.count,
            &batch.number,
        ));
        @memset(batch.results[0..batch.count], .{});
    }

    /// Ends the batch: every item has its result. error.Stale: its lease was over, and another has it.
    pub fn done(self: Batcher, batch: *const Batch) Error!void {
        const results: [*]const raw.ac_batch_result = @ptrCast(&batch.results);
        return status.check(raw.ac_batcher_done(self.handle, batch.number, raw.AC_OK, results, batch.count));
    }

    /// Ends the batch with a status for every item.
    pub fn fail(self: Batcher, batch: *const Batch, how: status.Status) Error!void {
        return status.check(raw.ac_batcher_done(self.handle, batch.number, @backingInt(how), null, 0));
    }

    /// Waits for an item to end. Twice as many results are kept as items can wait; error.NotFound: no such item, or its
    /// result is forgotten.
    pub fn wait(self: Batcher, ticket: u64, timeout_ns: u64) Error!Result {
        var result: Result = .{};
        try status.check(raw.ac_batcher_wait(self.handle, ticket, timeout_ns, @ptrCast(&result)));
        return result;
    }

    pub fn stats(self: Batcher) Error!Stats {
        var out: Stats = .{};
        try status.check(raw.ac_batcher_get_stats(self.handle, &out));
        return out;
    }
};

comptime {
    @import("layout.zig").same(Batcher.Result, raw.ac_batch_result);
}
