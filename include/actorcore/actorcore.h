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

// 0 is success, a negative number says what went wrong.
typedef int32_t ac_status;

// Why a control call failed. Immutable; any thread.
typedef struct ac_error { uint64_t bits; } ac_error;

// A reference-counted block of bytes. Any thread; write only before the first send.
typedef struct ac_buffer { uint64_t bits; } ac_buffer;

// An actor system. Any thread.
typedef struct ac_system { uint64_t bits; } ac_system;

// What runs a set of actors. Any thread.
typedef struct ac_dispatcher { uint64_t bits; } ac_dispatcher;

// A registered table of callbacks. Any thread.
typedef struct ac_behavior { uint64_t bits; } ac_behavior;

// An actor's id. A value, valid in its system; the actor's end makes it stale and it is never
// reused.
typedef struct ac_actor { uint64_t bits; } ac_actor;

// A lent thread's place in a dispatcher. One caller at a time.
typedef struct ac_worker { uint64_t bits; } ac_worker;

// A snapshot engine. Any thread.
typedef struct ac_engine { uint64_t bits; } ac_engine;

// One question to one subsystem, open until it is answered or its resolve ends. A value, nothing to
// release. Any thread.
typedef struct ac_query { uint64_t bits; } ac_query;

// A parsed list of outputs, immutable. Any thread.
typedef struct ac_outputs { uint64_t bits; } ac_outputs;

// An entity. Any thread.
typedef struct ac_entity { uint64_t bits; } ac_entity;

// An immutable snapshot. Any thread.
typedef struct ac_snapshot { uint64_t bits; } ac_snapshot;

typedef struct ac_text ac_text;
typedef struct ac_bytes ac_bytes;
typedef struct ac_layout_row ac_layout_row;
typedef struct ac_message ac_message;
typedef struct ac_ask_failed ac_ask_failed;
typedef struct ac_failed ac_failed;
typedef struct ac_system_options ac_system_options;
typedef struct ac_stop_report ac_stop_report;
typedef struct ac_system_stats ac_system_stats;
typedef struct ac_failure ac_failure;
typedef struct ac_dispatcher_options ac_dispatcher_options;
typedef struct ac_behavior_options ac_behavior_options;
typedef struct ac_spawn_options ac_spawn_options;
typedef struct ac_activation ac_activation;
typedef struct ac_turn ac_turn;
typedef struct ac_ledger ac_ledger;
typedef struct ac_dead_letter ac_dead_letter;
typedef struct ac_source ac_source;
typedef struct ac_engine_options ac_engine_options;
typedef struct ac_engine_metrics ac_engine_metrics;
typedef struct ac_contribute ac_contribute;
typedef struct ac_subsystem_options ac_subsystem_options;
typedef struct ac_contribution ac_contribution;
typedef struct ac_cap ac_cap;
typedef struct ac_modifier ac_modifier;
typedef struct ac_output ac_output;
typedef struct ac_profile ac_profile;
typedef struct ac_resolve_options ac_resolve_options;
typedef struct ac_resolved ac_resolved;
typedef struct ac_context ac_context;
typedef struct ac_snapshot_error ac_snapshot_error;
typedef struct ac_snapshot_view ac_snapshot_view;

// ---- Status -------------------------------------------------------------------------------------
//
// Every function that can fail returns an ac_status. 0 is success, negative numbers are failures in
// numbered bands that are never reused or renumbered: -1 to -99 general, -100 handles, -200
// runtime, -300 snapshots, -400 files, -1000 handlers. Ask the predicates rather than keeping
// lists.

// What a call came to.

#define AC_OK                  INT32_C(0)        // It worked.
// An argument has a value that it cannot have; the reference says which.
#define AC_E_INVALID_ARGUMENT  (-INT32_C(1))
#define AC_E_NULL              (-INT32_C(2))     // A pointer that may not be null is null.
// A constant or a flag that this version does not know.
#define AC_E_UNKNOWN_CONSTANT  (-INT32_C(3))
// A struct has bytes that this version does not know and that are not zero, or asks what this build
// or machine lacks.
#define AC_E_UNSUPPORTED       (-INT32_C(4))
#define AC_E_NO_MEMORY         (-INT32_C(5))     // Memory is exhausted; nothing was changed.
// The caller's buffer is too small; the required size was reported and nothing was copied.
#define AC_E_BUFFER_TOO_SMALL  (-INT32_C(6))
// The time given was over first; the call may be made again.
#define AC_E_TIMEOUT           (-INT32_C(7))
// A call that waits was made inside a handler; use the form that completes in a turn.
#define AC_E_WOULD_DEADLOCK    (-INT32_C(8))
// Another thread is inside a call on this handle, which belongs to one caller at a time.
#define AC_E_BUSY              (-INT32_C(9))
#define AC_E_NOT_FOUND         (-INT32_C(10))    // Nothing has that name or number.
#define AC_E_EXISTS            (-INT32_C(11))    // The name is taken.
#define AC_E_LIMIT             (-INT32_C(12))    // A documented limit is reached.
#define AC_E_INTERNAL          (-INT32_C(13))    // The library failed in itself; please report it.
// The call does not go with this dispatcher's mode or with a seeded system.
#define AC_E_WRONG_MODE        (-INT32_C(14))
// The handle was released, or the actor has stopped.
#define AC_E_STALE             (-INT32_C(100))
#define AC_E_WRONG_SYSTEM      (-INT32_C(101))   // The handle belongs to another system or engine.
#define AC_E_NO_HANDLE         (-INT32_C(102))   // The handle is zero, which is none.
// The system, dispatcher or actor is stopping or has stopped.
#define AC_E_STOPPED           (-INT32_C(200))
#define AC_E_FAILED            (-INT32_C(201))   // The handler that had the message failed.
// The asked actor stopped, or dropped the message, without a reply.
#define AC_E_NO_REPLY          (-INT32_C(202))
// The registry or the layers are malformed and were refused as a whole; the error's details name
// every line and reason.
#define AC_E_BAD_REGISTRY      (-INT32_C(300))
// A document is malformed; the error's details name every line and reason.
#define AC_E_BAD_DOCUMENT      (-INT32_C(301))
// A strict resolve met an entry that a plain one would have listed in errors.
#define AC_E_REJECTED          (-INT32_C(302))
#define AC_E_NO_REGISTRY       (-INT32_C(303))   // The engine has no registry yet; load one.
// No snapshot is cached, or what it was made of has changed; resolve.
#define AC_E_NOT_CACHED        (-INT32_C(304))
#define AC_E_UNKNOWN_DIMENSION (-INT32_C(305))   // The snapshot has no value under that name.
// A file could not be read; the message says which and why.
#define AC_E_IO                (-INT32_C(400))
#define AC_E_HANDLER           (-INT32_C(1000))  // A handler reported a failure of its own.
#define AC_E_PANIC             (-INT32_C(1001))  // A handler panicked and was contained.

// 1 when the same call may succeed later without any change by the caller (timeout, busy, no
// memory), else 0.
//   status  Any number.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
ACTORCORE_API uint32_t ac_status_is_retryable(ac_status status) ACTORCORE_NOEXCEPT;

// 1 when what was called no longer exists and never will again (stale, stopped), else 0.
//   status  Any number.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
ACTORCORE_API uint32_t ac_status_is_gone(ac_status status) ACTORCORE_NOEXCEPT;

// The name and meaning of a status, as static text.
//   status   A status.
//   name     [out] Such as `AC_E_TIMEOUT`; static, never freed.
//   meaning  [out, may be null] One sentence; static, never freed.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NULL, AC_E_UNKNOWN_CONSTANT.
ACTORCORE_API ac_status ac_status_text(
    ac_status status, ac_text* name, ac_text* meaning) ACTORCORE_NOEXCEPT;

// ---- Texts, bytes, version and layout -----------------------------------------------------------
//
// Text is UTF-8, bytes are bytes; both are views, never NUL-terminated, and a view with size 0 may
// have a null pointer. A view that goes in is read during the call only. Zero is always default,
// none or ok, so a zeroed struct is valid. Option structs start with struct_size: the library reads
// the smaller of the size that it knows and the one given, takes the rest as zero, and refuses
// bytes beyond what it knows that are not zero with AC_E_UNSUPPORTED.

// A view of UTF-8 text.
struct ac_text {
  const char* data;  // First byte; may be null when size is 0.
  uint64_t size;     // Bytes.
};

// A view of bytes.
struct ac_bytes {
  const uint8_t* data;  // First byte; may be null when size is 0.
  uint64_t size;        // Bytes.
};

// One size, offset or value as the library was compiled with it, for bindings to compare theirs
// with.
struct ac_layout_row {
  ac_text name;   // `struct`, `struct.field` or a constant's name.
  int64_t value;  // Size or offset in bytes, or the constant's value.
};

// The library's version as major << 16 | minor << 8 | patch.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
ACTORCORE_API uint32_t ac_version(void) ACTORCORE_NOEXCEPT;

// Compiler, flags and allocator of this build, as one line of static text.
//   info  [out] Static, never freed.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NULL.
ACTORCORE_API ac_status ac_build_info(ac_text* info) ACTORCORE_NOEXCEPT;

// The library's own table of struct sizes, field offsets and constants. A binding's test compares
// every row with its own.
//   rows   [out] Static array.
//   count  [out] Rows in it.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NULL.
ACTORCORE_API ac_status ac_layout(const ac_layout_row** rows, uint64_t* count) ACTORCORE_NOEXCEPT;

// ---- Error --------------------------------------------------------------------------------------
//
// Control calls take a trailing optional `ac_error*`. It is untouched on success; on failure it
// receives a handle with a code, a message that says what to do, and key/value details. The caller
// releases it. There is no thread-local last error.

// The status that the failed call returned.
//   error  The error.
//   code   [out] Its status.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NULL, AC_E_NO_HANDLE, AC_E_STALE.
ACTORCORE_API ac_status ac_error_code(ac_error error, ac_status* code) ACTORCORE_NOEXCEPT;

// What went wrong and what to do, as one paragraph.
//   error    The error.
//   message  [out] Borrowed until the error is released.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NULL, AC_E_NO_HANDLE, AC_E_STALE.
ACTORCORE_API ac_status ac_error_message(ac_error error, ac_text* message) ACTORCORE_NOEXCEPT;

// One of the error's details, numbered from 0. Documents give one a defect: the key is
// `file:line:column`, the value the reason.
//   error  The error.
//   index  From 0; AC_E_NOT_FOUND past the last.
//   key    [out] Borrowed until the error is released.
//   value  [out] Borrowed until the error is released.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NULL, AC_E_NO_HANDLE, AC_E_STALE, AC_E_NOT_FOUND.
ACTORCORE_API ac_status ac_error_detail(
    ac_error error, uint64_t index, ac_text* key, ac_text* value) ACTORCORE_NOEXCEPT;

// Gives the error back. None, stale and foreign handles are ignored.
//   error  May be none.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
ACTORCORE_API void ac_error_release(ac_error error) ACTORCORE_NOEXCEPT;

// ---- Message ------------------------------------------------------------------------------------
//
// A message is one 64-byte cache line, frozen: receiver, sender, correlation, type, length and 32
// bytes of payload inline. A longer payload is an ac_buffer: `data` then holds the buffer's handle
// in its first 8 bytes and, on receipt, the payload's address in the next 8. Types below 0x80000000
// are the program's own; the others are the library's. `to` is the receiver until the library
// accepts the message; afterwards the field is the library's and must not be read. A request has a
// correlation that is not zero; its reply has the same with AC_CORRELATION_REPLY added, and goes to
// the request's sender.

// Frozen numbers of the message.

// The longest payload that travels in the envelope itself.
#define AC_INLINE_BYTES      UINT64_C(32)
#define AC_PAYLOAD_BYTES_MAX UINT64_C(1073741824)  // The longest payload at all: 1 GiB.
// Added to a request's correlation in its reply.
#define AC_CORRELATION_REPLY UINT64_C(0x8000000000000000)

// Message types of the library. All others at or above 0x80000000 are refused on a send with
// AC_E_INVALID_ARGUMENT; a program may send STOP only.

#define AC_TYPE_UNTYPED    UINT32_C(0)  // A program's message without a type.
// First message of an actor that was spawned with AC_SPAWN_STARTED. Not counted in the ledger.
#define AC_TYPE_STARTED    UINT32_C(0x80000001)
// Sent to an actor: it handles what was accepted before, then stops. Never delivered to a handler.
#define AC_TYPE_STOP       UINT32_C(0x80000002)
// Last message of an actor that was spawned with AC_SPAWN_STOPPED: release what `user` stands for.
// Not counted in the ledger.
#define AC_TYPE_STOPPED    UINT32_C(0x80000003)
// Ends an ask of a handler without a reply; the payload is an ac_ask_failed, the correlation that
// of the reply.
#define AC_TYPE_ASK_FAILED UINT32_C(0x80000004)
// Tells a supervisor that an actor's handler failed; the payload is an ac_failed.
#define AC_TYPE_FAILED     UINT32_C(0x80000005)
// Asks a subsystem's actor for its output; the payload is an ac_contribute. Answer with
// ac_query_answer.
#define AC_TYPE_CONTRIBUTE UINT32_C(0x80000006)
// Ends an asynchronous resolve of one entity; the payload is an ac_resolved, whose snapshot the
// receiver owns.
#define AC_TYPE_RESOLVED   UINT32_C(0x80000007)

// The envelope of every message.
struct ac_message {
  ac_actor to;           // Receiver on a send; not to be read on receipt.
  ac_actor sender;       // Who sent it, or none.
  uint64_t correlation;  // 0 for a plain message, else the request that this is, or answers.
  uint32_t type;         // The program's own number, or an AC_TYPE.
  uint32_t length;       // Bytes of payload; above AC_INLINE_BYTES it is in a buffer.
  uint8_t data[32];      // The payload, or the buffer's handle and address.
};

// Payload of AC_TYPE_ASK_FAILED.
struct ac_ask_failed {
  ac_status status;  // AC_E_TIMEOUT, AC_E_NO_REPLY, AC_E_FAILED, AC_E_STALE or AC_E_STOPPED.
  uint32_t type;     // The request's type.
  ac_actor to;       // Who was asked.
};

// Payload of AC_TYPE_FAILED.
struct ac_failed {
  ac_actor actor;    // Whose handler failed; it has stopped.
  ac_status status;  // What the handler returned.
  uint32_t type;     // The type of the message in hand.
  uint64_t number;   // The failure's number, for ac_system_failures.
};

// Sends one message from outside the handlers; its sender is none. The payload is copied. A refused
// message was not accepted and is counted nowhere. Inside a handler prefer the turn's outbox, which
// costs no call; this works there too, and then takes effect at once (in a seeded system: when the
// activation ends).
//   system   The system.
//   to       The receiver.
//   type     Below 0x80000000, or AC_TYPE_STOP.
//   payload  Copied; at most AC_PAYLOAD_BYTES_MAX.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_WRONG_SYSTEM, AC_E_NULL, AC_E_INVALID_ARGUMENT,
// AC_E_LIMIT, AC_E_NO_MEMORY, AC_E_STOPPED.
ACTORCORE_API ac_status ac_tell(
    ac_system system, ac_actor to, uint32_t type, ac_bytes payload) ACTORCORE_NOEXCEPT;

// Sends many messages in one call, each to its own `to`. Messages to one receiver keep their order.
// A message longer than AC_INLINE_BYTES hands over its buffer: the library owns it when the
// message's status is AC_OK, the caller still does otherwise.
//   system    The system.
//   messages  [`count` of them] Read only.
//   count     At most 2^32.
//   statuses  [out, `count` of them] One a message; may be null.
//   accepted  [out] How many were accepted; may be null.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL, AC_E_INVALID_ARGUMENT, AC_E_STOPPED.
ACTORCORE_API ac_status ac_tell_many(
    ac_system system, const ac_message* messages, uint64_t count, ac_status* statuses,
    uint64_t* accepted) ACTORCORE_NOEXCEPT;

// ---- Buffer -------------------------------------------------------------------------------------
//
// A payload of more than AC_INLINE_BYTES lives in a reference-counted buffer. The maker fills it,
// then sends a message whose `data` starts with the handle: the reference goes to the library with
// the message and is never copied. A received buffer is borrowed until the worker's next turn;
// retain it to keep it longer.

// Makes a buffer of `size` bytes, zeroed, with one reference.
//   size    1 to AC_PAYLOAD_BYTES_MAX.
//   buffer  [out] The caller's reference.
//   data    [out] Where to write; valid while a reference is held.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NULL, AC_E_LIMIT, AC_E_NO_MEMORY.
ACTORCORE_API ac_status ac_buffer_create(
    uint64_t size, ac_buffer* buffer, uint8_t** data) ACTORCORE_NOEXCEPT;

// The buffer's bytes, borrowed while the caller, or the turn, holds a reference.
//   buffer  The buffer.
//   view    [out] Its bytes.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL.
ACTORCORE_API ac_status ac_buffer_view(ac_buffer buffer, ac_bytes* view) ACTORCORE_NOEXCEPT;

// Takes one more reference.
//   buffer  The buffer.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE.
ACTORCORE_API ac_status ac_buffer_retain(ac_buffer buffer) ACTORCORE_NOEXCEPT;

// Gives one reference back; the last one frees the bytes. None and stale handles are ignored.
//   buffer  May be none.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
ACTORCORE_API void ac_buffer_release(ac_buffer buffer) ACTORCORE_NOEXCEPT;

// ---- System -------------------------------------------------------------------------------------
//
// A system owns actors, dispatchers and workers. Nothing is shared between two systems. Shutdown
// has two phases: ac_system_stop drains, stops and reports, then ac_system_release gives the handle
// back.
//
// With AC_SYSTEM_SEEDED the whole system runs deterministically on virtual time: one activation at
// a time, chosen by the seed, whatever the dispatchers' modes; what an activation sends takes
// effect when it ends; timers fire by moving the clock, never by waiting. The system moves only
// while a thread outside is inside ac_system_settle, ac_ask, ac_resolve or ac_system_stop (and, for
// ATTACHED dispatchers, while the one attached worker takes turns), so that what the outside does
// between those calls happens at one fixed point. The same program with the same seed gives the
// same ac_system_trace_hash, in every language and mode.

// Flags of ac_system_options.

#define AC_SYSTEM_SEEDED UINT64_C(1)  // Run deterministically on virtual time from `seed`.

// Special value of spin_ns.

#define AC_SPIN_NONE UINT64_C(0xffffffffffffffff)  // Park at once.

// Special value of every timeout in nanoseconds. 0 polls.

#define AC_TIMEOUT_NEVER UINT64_C(0xffffffffffffffff)  // Wait without a limit.

// How a system is made.
struct ac_system_options {
  uint32_t struct_size;  // sizeof(ac_system_options).
  // The ac_version that the caller was written for; 0 is this one. A newer one is refused with
  // AC_E_UNSUPPORTED.
  uint32_t api_version;
  uint64_t flags;        // AC_SYSTEM flags.
  // Seed of the schedule and of ac_system_random. Without AC_SYSTEM_SEEDED, 0 takes one from the
  // machine.
  uint64_t seed;
  uint32_t workers;      // Threads of the default dispatcher, at most 256; 0 is one a core.
  uint32_t throughput;   // Most messages of one actor in one activation; 0 is 256.
  // How long a worker without work spins before it parks, in nanoseconds, at most 1 ms; 0 is
  // 20,000; AC_SPIN_NONE parks at once.
  uint64_t spin_ns;
  ac_text name;          // Names the threads; may be empty.
};

// What a stop came to.
struct ac_stop_report {
  uint64_t drained;     // Messages that were handled between the call and the stop.
  uint64_t dropped;     // Messages that were dead-lettered with AC_DEAD_SHUTDOWN.
  uint64_t actors;      // Actors that the stop ended.
  uint64_t elapsed_ns;  // How long it took, in nanoseconds of the system's clock.
  uint32_t timed_out;   // 1 when the deadline came before the mailboxes were empty.
  uint32_t reserved;    // Zero.
};

// What a system holds and did.
struct ac_system_stats {
  uint64_t actors;         // Actors alive.
  uint64_t spawned;        // Actors ever spawned.
  uint64_t stopped;        // Actors stopped.
  uint64_t failed;         // Of these, by a failing handler.
  uint64_t activations;    // Turns given to actors.
  uint64_t stolen;         // Activations and queue entries that a worker took from another.
  uint64_t parks;          // How often a worker went to sleep.
  uint64_t actor_bytes;    // Memory of actor records, in bytes.
  uint64_t message_bytes;  // Memory of envelopes, in use and pooled, in bytes.
  // Blocks ever taken from the allocator for records and envelopes: it stands still once a program
  // is warm.
  uint64_t slabs;
};

// One failure of a handler, as it was reported.
struct ac_failure {
  uint64_t number;     // From 1, in order.
  uint64_t time_ns;    // The system's clock.
  ac_actor actor;      // Whose handler failed.
  ac_status status;    // What it returned.
  uint32_t type;       // Type of the message in hand.
  uint32_t text_size;  // Bytes of text used.
  uint32_t reserved;   // Zero.
  uint8_t text[216];   // Language, handler and message as the binding told them, UTF-8, cut to fit.
};

// Makes a system and starts its default dispatcher (INLINE).
//   options  [may be null] Null takes every default.
//   system   [out] The caller's handle.
//   error    [out, may be null] Why not.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NULL, AC_E_INVALID_ARGUMENT, AC_E_UNKNOWN_CONSTANT, AC_E_UNSUPPORTED,
// AC_E_NO_MEMORY, AC_E_LIMIT.
ACTORCORE_API ac_status ac_system_create(
    const ac_system_options* options, ac_system* system, ac_error* error) ACTORCORE_NOEXCEPT;

// Refuses new messages from outside, handles what is queued until nothing is left or the deadline
// is over, stops every actor (each STOPPED and destroy is delivered), dead-letters what was left
// with AC_DEAD_SHUTDOWN, ends the library's threads, and reports. Attached workers must keep taking
// turns until one gives AC_E_STOPPED. A second call waits for the first and gives the same report.
// A handler that does not return cannot be ended: one second after the deadline the call gives up
// with AC_E_TIMEOUT, and the system ends by itself once the handler returns.
//   system      The system.
//   timeout_ns  How long to drain, in nanoseconds; 0 stops at once.
//   report      [out] What it came to; may be null.
//   error       [out, may be null] Why not.
// Thread: any. Waits. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_TIMEOUT, AC_E_WOULD_DEADLOCK.
ACTORCORE_API ac_status ac_system_stop(
    ac_system system, uint64_t timeout_ns, ac_stop_report* report,
    ac_error* error) ACTORCORE_NOEXCEPT;

// Gives the handle back, never blocks. A system that still runs stops by itself, without draining,
// and its last worker frees it. None and stale handles are ignored.
//   system  May be none.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
ACTORCORE_API void ac_system_release(ac_system system) ACTORCORE_NOEXCEPT;

// Waits until the system is quiet: no message queued or in hand, no ask and no resolve under way.
// In a seeded system this is what runs it; the clock moves to the next timer whenever nothing else
// can happen.
//   system      The system.
//   timeout_ns  In nanoseconds of the system's clock.
// Thread: any. Waits. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_TIMEOUT, AC_E_WOULD_DEADLOCK, AC_E_STOPPED.
ACTORCORE_API ac_status ac_system_settle(ac_system system, uint64_t timeout_ns) ACTORCORE_NOEXCEPT;

// The system's clock: monotonic nanoseconds, or virtual ones from 0 in a seeded system.
//   system  The system.
//   now_ns  [out] Nanoseconds.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL.
ACTORCORE_API ac_status ac_system_now(ac_system system, uint64_t* now_ns) ACTORCORE_NOEXCEPT;

// A random number from the system's seed (xoshiro256**). In a seeded system the sequence is part of
// the replay.
//   system  The system.
//   random  [out] 64 uniform bits.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL.
ACTORCORE_API ac_status ac_system_random(ac_system system, uint64_t* random) ACTORCORE_NOEXCEPT;

// The hash (XXH3, 64 bits) over virtual time, actor, message type, sender and payload of every
// message handled, and over every life-cycle step, of a seeded system so far.
//   system  A seeded system.
//   hash    [out] The hash.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL, AC_E_WRONG_MODE.
ACTORCORE_API ac_status ac_system_trace_hash(ac_system system, uint64_t* hash) ACTORCORE_NOEXCEPT;

// What the system holds and did. Exact at a quiet moment.
//   system  The system.
//   stats   [out] Copied.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL.
ACTORCORE_API ac_status ac_system_get_stats(
    ac_system system, ac_system_stats* stats) ACTORCORE_NOEXCEPT;

// Copies the failures after number `after`, oldest first. The last 256 are kept.
//   system    The system.
//   after     0 for all that are kept, else the last number seen.
//   failures  [out, may be null, `capacity` of them] The caller's array.
//   capacity  Its length.
//   count     [out] How many were copied.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL.
ACTORCORE_API ac_status ac_system_failures(
    ac_system system, uint64_t after, ac_failure* failures, uint64_t capacity,
    uint64_t* count) ACTORCORE_NOEXCEPT;

// The actor that was spawned under a name.
//   system  The system.
//   name    The name.
//   actor   [out] Its id.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL, AC_E_NOT_FOUND.
ACTORCORE_API ac_status ac_system_find(
    ac_system system, ac_text name, ac_actor* actor) ACTORCORE_NOEXCEPT;

// ---- Dispatcher ---------------------------------------------------------------------------------
//
// A dispatcher runs actors; each actor belongs to one. INLINE: the library's own threads call the
// handlers. ATTACHED: the caller lends threads, which take turns (see Worker); no callback at all.
// CALLER: no thread of anyone's; the caller steps it and handlers run inside that call. A
// dispatcher lives as long as its system.

// How a dispatcher runs handlers.

#define AC_DISPATCHER_INLINE   UINT32_C(0)  // Callbacks on the library's threads.
#define AC_DISPATCHER_ATTACHED UINT32_C(1)  // Turns taken by the caller's threads.
// Callbacks inside ac_worker_run, on the calling thread.
#define AC_DISPATCHER_CALLER   UINT32_C(2)

// How a dispatcher is made.
struct ac_dispatcher_options {
  uint32_t struct_size;  // sizeof(ac_dispatcher_options).
  uint32_t mode;         // An AC_DISPATCHER mode.
  // INLINE: threads, 0 is one a core. ATTACHED and CALLER: the most workers that may attach, 0 is
  // 64. At most 256.
  uint32_t workers;
  uint32_t throughput;   // Most messages of one actor in one activation; 0 takes the system's.
  uint64_t spin_ns;      // As in ac_system_options; 0 takes the system's.
  ac_text name;          // Names the threads; may be empty.
};

// Makes a dispatcher in a system.
//   system      The system.
//   options     Its mode and size.
//   dispatcher  [out] A value; nothing to release, it ends with its system.
//   error       [out, may be null] Why not.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL, AC_E_INVALID_ARGUMENT, AC_E_UNKNOWN_CONSTANT,
// AC_E_UNSUPPORTED, AC_E_NO_MEMORY, AC_E_LIMIT, AC_E_STOPPED.
ACTORCORE_API ac_status ac_dispatcher_create(
    ac_system system, const ac_dispatcher_options* options, ac_dispatcher* dispatcher,
    ac_error* error) ACTORCORE_NOEXCEPT;

// ---- Behavior -----------------------------------------------------------------------------------
//
// A behavior is the table of callbacks that INLINE and CALLER dispatchers call; register one a kind
// of actor and spawn as many actors with it as you like. The unit of crossing is a turn: on_turn
// gets all the messages of one activation. It fills `activation->handled` and returns a status only
// when a message failed.

// Handles one activation on a worker's thread. Anything but AC_OK fails the message at index
// `activation->handled` (0 unless set): the actor stops, that message is handled(failed), those
// after it are dead-lettered, what was sent before stands. Nothing may unwind out of it.
//   user        The actor's word.
//   turn        For sending; dies when the callback returns.
//   activation  The actor and its messages.
typedef ac_status (*ac_on_turn)(uintptr_t user, ac_turn* turn, ac_activation* activation);

// Runs exactly once for each word handed over, after the last callback returned, and never when the
// registration failed.
//   user  The word.
typedef void (*ac_destroy)(uintptr_t user);

// A table of callbacks.
struct ac_behavior_options {
  uint32_t struct_size;  // sizeof(ac_behavior_options).
  uint32_t reserved;     // Zero.
  ac_on_turn on_turn;    // Required.
  ac_destroy destroy;    // Ends each actor's word; may be null.
  ac_text name;          // Names the handler in failures, such as `rust Counter`.
};

// Registers a table of callbacks. It ends with its system; at most 65,535 a system.
//   system    The system.
//   options   Copied.
//   behavior  [out] A value; nothing to release.
//   error     [out, may be null] Why not.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL, AC_E_UNSUPPORTED, AC_E_NO_MEMORY, AC_E_LIMIT,
// AC_E_STOPPED.
ACTORCORE_API ac_status ac_behavior_create(
    ac_system system, const ac_behavior_options* options, ac_behavior* behavior,
    ac_error* error) ACTORCORE_NOEXCEPT;

// ---- Actor --------------------------------------------------------------------------------------
//
// An actor is an id with a generation, a mailbox, a word of the caller's (`user`) and a behavior or
// an attached dispatcher. Its handler runs on one thread at a time, sees messages of one sender in
// the order sent, and is never entered twice. When a handler fails, the actor stops, the failure is
// recorded (ac_system_failures) and told to its supervisor with AC_TYPE_FAILED.

// Flags of ac_spawn_options.

#define AC_SPAWN_STARTED UINT32_C(1)  // Deliver AC_TYPE_STARTED before anything else.
#define AC_SPAWN_STOPPED UINT32_C(2)  // Deliver AC_TYPE_STOPPED after everything else.

// How an actor is stopped.

// First handle what was accepted before; without it the rest is dead-lettered with AC_DEAD_STOPPED.
#define AC_STOP_DRAIN UINT32_C(1)

// How actors are made.
struct ac_spawn_options {
  uint32_t struct_size;      // sizeof(ac_spawn_options).
  uint32_t flags;            // AC_SPAWN flags.
  ac_behavior behavior;      // Required on INLINE and CALLER dispatchers, none on ATTACHED ones.
  ac_dispatcher dispatcher;  // None is the system's default.
  uintptr_t user;            // The actor's word; handed to every callback and activation.
  ac_actor supervisor;       // Told of this actor's failure; may be none.
  ac_text name;              // Unique in the system, at most 255 bytes; empty is none.
};

// Makes one actor.
//   system   The system.
//   options  What it is.
//   actor    [out] Its id.
//   error    [out, may be null] Why not.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_WRONG_SYSTEM, AC_E_NULL, AC_E_INVALID_ARGUMENT,
// AC_E_UNKNOWN_CONSTANT, AC_E_UNSUPPORTED, AC_E_EXISTS, AC_E_NO_MEMORY, AC_E_LIMIT, AC_E_STOPPED.
ACTORCORE_API ac_status ac_spawn(
    ac_system system, const ac_spawn_options* options, ac_actor* actor,
    ac_error* error) ACTORCORE_NOEXCEPT;

// Makes `count` actors with the same options but for their words. All or none: on failure no actor
// was made.
//   system   The system.
//   options  What they are; the name must be empty.
//   users    [`count` of them] Their words; null gives each `options->user`.
//   count    How many.
//   actors   [out, `count` of them] Their ids.
//   error    [out, may be null] Why not.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_WRONG_SYSTEM, AC_E_NULL, AC_E_INVALID_ARGUMENT,
// AC_E_UNKNOWN_CONSTANT, AC_E_UNSUPPORTED, AC_E_NO_MEMORY, AC_E_LIMIT, AC_E_STOPPED.
ACTORCORE_API ac_status ac_spawn_many(
    ac_system system, const ac_spawn_options* options, const uintptr_t* users, uint64_t count,
    ac_actor* actors, ac_error* error) ACTORCORE_NOEXCEPT;

// The same inside a handler, from the worker's own free records: the quick way.
//   worker   The turn's worker.
//   options  What they are; a name only with count 1.
//   users    [`count` of them] Their words; null gives each `options->user`.
//   count    How many.
//   actors   [out, `count` of them] Their ids.
//   error    [out, may be null] Why not.
// Thread: handler. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_WRONG_SYSTEM, AC_E_NULL, AC_E_INVALID_ARGUMENT,
// AC_E_UNKNOWN_CONSTANT, AC_E_UNSUPPORTED, AC_E_EXISTS, AC_E_NO_MEMORY, AC_E_LIMIT, AC_E_STOPPED,
// AC_E_BUSY.
ACTORCORE_API ac_status ac_worker_spawn(
    ac_worker worker, const ac_spawn_options* options, const uintptr_t* users, uint64_t count,
    ac_actor* actors, ac_error* error) ACTORCORE_NOEXCEPT;

// Asks an actor to stop, and returns at once: after the activation in hand, or with AC_STOP_DRAIN
// after what was accepted before. A handler stops itself with AC_ACTIVATION_STOP, another by
// sending it AC_TYPE_STOP.
//   system  The system.
//   actor   The actor.
//   flags   AC_STOP flags.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_WRONG_SYSTEM, AC_E_UNKNOWN_CONSTANT, AC_E_NO_MEMORY.
ACTORCORE_API ac_status ac_actor_stop(
    ac_system system, ac_actor actor, uint32_t flags) ACTORCORE_NOEXCEPT;

// AC_OK while the actor lives, AC_E_STALE afterwards.
//   system  The system.
//   actor   The actor.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_WRONG_SYSTEM.
ACTORCORE_API ac_status ac_actor_check(ac_system system, ac_actor actor) ACTORCORE_NOEXCEPT;

// ---- Worker and turn ----------------------------------------------------------------------------
//
// A worker runs the actors of one dispatcher. An ATTACHED worker is a handle that the caller's
// thread drives: ac_worker_turn submits what the last turn's handlers sent, takes their results,
// and returns the next activations, in memory that both sides read directly. One call a turn, never
// one a message, and no callback into the caller's language.
//
// For each activation of a turn: claim it (the first one arrives claimed) by an atomic
// compare-and-swap of `state` from AC_ACTIVATION_READY to AC_ACTIVATION_CLAIMED, and skip it when
// that fails, for another worker has taken it; handle messages[0..count); to send, write into
// outbox[outbox_count] and add one to outbox_count, and when it equals outbox_capacity call
// ac_worker_flush first. A failing message is reported with ac_worker_fail. Messages, payloads and
// the turn live until the worker's next ac_worker_turn.
//
// A worker belongs to one thread at a time, not to a thread: a goroutine may move between turns.

// Who has an activation of a turn.

#define AC_ACTIVATION_READY   UINT32_C(0)  // No one has begun it.
#define AC_ACTIVATION_CLAIMED UINT32_C(1)  // The turn's holder handles it.
#define AC_ACTIVATION_MOVING  UINT32_C(2)  // Another worker is taking it.
#define AC_ACTIVATION_STOLEN  UINT32_C(3)  // Another worker has taken it.

// Flags that a handler sets on its activation.

#define AC_ACTIVATION_STOP UINT32_C(1)  // Stop this actor when the activation ends.

// Flags of ac_worker_attach.

// The worker is only ever driven by the thread that attaches it, so that a call that waits can be
// refused inside its handlers (AC_E_WOULD_DEADLOCK).
#define AC_ATTACH_PINNED UINT32_C(1)

// One actor and the messages that it is to handle now.
struct ac_activation {
  ac_actor actor;         // Who.
  uintptr_t user;         // Its word.
  ac_message** messages;  // In order; at least one.
  uint32_t count;         // How many.
  uint32_t handled;       // Set on failure: the index of the message that failed.
  uint32_t state;         // An AC_ACTIVATION state; atomic.
  uint32_t flags;         // Set by the handler.
  ac_status status;       // Set by ac_worker_fail.
  uint32_t reserved0;     // Zero.
  uint64_t reserved[2];   // The library's.
};

// What one turn hands over. The library's memory; the caller writes only outbox entries,
// outbox_count, and the marked fields of activations.
struct ac_turn {
  uint32_t struct_size;        // Bytes that this version fills.
  uint32_t count;              // Activations.
  ac_activation* activations;  // What to handle.
  // Free envelopes to fill: to, sender, correlation, type, length, data. Their old content is
  // undefined.
  ac_message** outbox;
  uint32_t outbox_capacity;    // How many there are.
  uint32_t outbox_count;       // How many the caller has filled.
  ac_worker worker;            // Whose turn it is.
  ac_system system;            // Its system.
};

// Lends the calling thread to an ATTACHED or CALLER dispatcher. A seeded system takes one worker in
// all.
//   dispatcher  Which.
//   flags       AC_ATTACH flags.
//   worker      [out] The caller's handle.
//   error       [out, may be null] Why not.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL, AC_E_UNKNOWN_CONSTANT, AC_E_WRONG_MODE,
// AC_E_LIMIT, AC_E_NO_MEMORY, AC_E_STOPPED.
ACTORCORE_API ac_status ac_worker_attach(
    ac_dispatcher dispatcher, uint32_t flags, ac_worker* worker,
    ac_error* error) ACTORCORE_NOEXCEPT;

// Ends the last turn, submits its outbox, and returns the next one (ATTACHED only). Spins for the
// worker's spin time and then parks until there is work, a wake, a stop or the timeout. AC_OK with
// count 0 is a wake. AC_E_STOPPED is the end: every actor has stopped, release the worker.
//   worker      The worker.
//   timeout_ns  0 polls.
//   turn        [out] Valid until the next call; the same address for the worker's life.
// Thread: exclusive. Waits. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL, AC_E_BUSY, AC_E_WRONG_MODE, AC_E_TIMEOUT,
// AC_E_STOPPED.
ACTORCORE_API ac_status ac_worker_turn(
    ac_worker worker, uint64_t timeout_ns, ac_turn** turn) ACTORCORE_NOEXCEPT;

// Runs up to `activations` activations of a CALLER dispatcher inside this call. Waits for the first
// one as ac_worker_turn does.
//   worker       The worker.
//   timeout_ns   0 polls.
//   activations  At most so many; 0 is as many as there are.
//   ran          [out, may be null] How many ran.
// Thread: exclusive. Waits. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_BUSY, AC_E_WRONG_MODE, AC_E_TIMEOUT, AC_E_STOPPED,
// AC_E_WOULD_DEADLOCK.
ACTORCORE_API ac_status ac_worker_run(
    ac_worker worker, uint64_t timeout_ns, uint64_t activations, uint64_t* ran) ACTORCORE_NOEXCEPT;

// Submits the outbox in the middle of a turn and empties it. In a seeded system the messages are
// set aside until the activation ends.
//   worker  The turn's worker.
// Thread: handler. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NO_MEMORY.
ACTORCORE_API ac_status ac_worker_flush(ac_worker worker) ACTORCORE_NOEXCEPT;

// Reports that a message of the turn failed. The actor stops when the turn ends; skip the rest of
// its messages.
//   worker      The turn's worker.
//   activation  Its index in the turn; 0 inside on_turn.
//   message     The message's index.
//   status      AC_E_HANDLER, AC_E_PANIC or a number of the program's own below -1000; 0 is taken
//               as AC_E_HANDLER.
//   text        Language, handler and reason; copied, cut at 216 bytes.
// Thread: handler. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_INVALID_ARGUMENT.
ACTORCORE_API ac_status ac_worker_fail(
    ac_worker worker, uint32_t activation, uint32_t message, ac_status status,
    ac_text text) ACTORCORE_NOEXCEPT;

// Makes a parked, or the next, ac_worker_turn return AC_OK with no activation.
//   worker  The worker.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE.
ACTORCORE_API ac_status ac_worker_wake(ac_worker worker) ACTORCORE_NOEXCEPT;

// Ends the worker: its turn is taken as handled, its outbox is submitted, what it had not begun
// goes to others. None and stale handles are ignored.
//   worker  May be none.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
ACTORCORE_API void ac_worker_release(ac_worker worker) ACTORCORE_NOEXCEPT;

// ---- Ask ----------------------------------------------------------------------------------------
//
// An ask is a message with a correlation and a deadline; it ends exactly once, with the reply or
// with a reason. From outside ac_ask waits. Inside a handler ac_worker_ask returns at once and the
// reply, or AC_TYPE_ASK_FAILED, arrives as a message with the same correlation and
// AC_CORRELATION_REPLY. To reply, send to the request's sender (none for an ask from outside) with
// the request's correlation plus AC_CORRELATION_REPLY. A reply after the deadline is dead-lettered
// with AC_DEAD_LATE_REPLY. A request that is dropped ends its ask at once.

// Sends a request from outside the handlers and waits for its reply.
//   system      The system.
//   to          Who is asked.
//   type        Below 0x80000000.
//   payload     Copied.
//   timeout_ns  In nanoseconds of the system's clock.
//   reply       [out] Copied; a buffer in it (length above AC_INLINE_BYTES) is the caller's to
//               release.
// Thread: any. Waits. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_WRONG_SYSTEM, AC_E_NULL, AC_E_INVALID_ARGUMENT,
// AC_E_LIMIT, AC_E_NO_MEMORY, AC_E_TIMEOUT, AC_E_NO_REPLY, AC_E_FAILED, AC_E_STOPPED,
// AC_E_WOULD_DEADLOCK.
ACTORCORE_API ac_status ac_ask(
    ac_system system, ac_actor to, uint32_t type, ac_bytes payload, uint64_t timeout_ns,
    ac_message* reply) ACTORCORE_NOEXCEPT;

// Sends a request inside a handler; the answer comes as a message to `asker`.
//   worker       The turn's worker.
//   asker        Who gets the answer, as a rule the activation's actor.
//   to           Who is asked; a dead one ends the ask with AC_TYPE_ASK_FAILED.
//   type         Below 0x80000000.
//   payload      Copied.
//   timeout_ns   In nanoseconds of the system's clock.
//   correlation  [out] The request's; the answer has AC_CORRELATION_REPLY added.
// Thread: handler. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_WRONG_SYSTEM, AC_E_NULL, AC_E_INVALID_ARGUMENT,
// AC_E_LIMIT, AC_E_NO_MEMORY.
ACTORCORE_API ac_status ac_worker_ask(
    ac_worker worker, ac_actor asker, ac_actor to, uint32_t type, ac_bytes payload,
    uint64_t timeout_ns, uint64_t* correlation) ACTORCORE_NOEXCEPT;

// ---- Ledger and dead letters --------------------------------------------------------------------
//
// Every message is accounted for in exactly one place: accepted = handled + queued + the sum of
// dead. It holds exactly whenever no handler runs and no call is under way. A message that failed
// in hand is in handled (and in failed). The last 1,024 dead letters can be read.

// Why an accepted message was not handled.

#define AC_DEAD_STALE      UINT32_C(0)  // Its receiver had stopped before, or never was.
#define AC_DEAD_STOPPED    UINT32_C(1)  // Its receiver stopped with it in the mailbox.
#define AC_DEAD_FAILED     UINT32_C(2)  // Its receiver failed with it in the mailbox.
#define AC_DEAD_LATE_REPLY UINT32_C(3)  // A reply whose ask had ended.
#define AC_DEAD_SHUTDOWN   UINT32_C(4)  // The system stopped before it was handled.
// What a handler put into the outbox was malformed: unknown type, length or buffer.
#define AC_DEAD_REFUSED    UINT32_C(5)
#define AC_DEAD_NO_MEMORY  UINT32_C(6)  // Memory was exhausted on its way.

// Where all messages are. accepted = handled + queued + sum of dead.
struct ac_ledger {
  uint64_t accepted;  // Messages that the library took.
  uint64_t handled;   // Messages that a handler had, failed ones among them.
  uint64_t failed;    // Of these, the ones that failed.
  uint64_t queued;    // In mailboxes; counted at the mailbox, not derived.
  uint64_t dead[8];   // Dead letters by AC_DEAD reason.
};

// One message that was not handled.
struct ac_dead_letter {
  uint64_t number;    // From 1, in order.
  uint64_t time_ns;   // The system's clock.
  ac_actor to;        // Its receiver.
  ac_actor sender;    // Its sender, or none.
  uint32_t type;      // Its type.
  uint32_t length;    // Its payload's bytes.
  uint32_t reason;    // An AC_DEAD reason.
  uint32_t reserved;  // Zero.
};

// The system's ledger. Still readable after ac_system_stop.
//   system  The system.
//   ledger  [out] Copied.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL.
ACTORCORE_API ac_status ac_system_ledger(ac_system system, ac_ledger* ledger) ACTORCORE_NOEXCEPT;

// Copies the dead letters after number `after`, oldest first, of the last 1,024.
//   system    The system.
//   after     0 for all that are kept, else the last number seen.
//   letters   [out, may be null, `capacity` of them] The caller's array.
//   capacity  Its length.
//   count     [out] How many were copied.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL.
ACTORCORE_API ac_status ac_system_dead_letters(
    ac_system system, uint64_t after, ac_dead_letter* letters, uint64_t capacity,
    uint64_t* count) ACTORCORE_NOEXCEPT;

// ---- Engine -------------------------------------------------------------------------------------
//
// An engine holds one registry (dimensions, formulas, layers of caps), the subsystems and the
// entities, and resolves snapshots. It works with a system (subsystems are asked concurrently,
// resolves may complete in a turn) or without one. Names (dimensions, systems, contexts, layers,
// realms, tags) are interned to numbers that stay the same for the engine's life, across
// registries.
//
// A registry is replaced, never edited: a load builds and checks a new one, with every defect named
// by file, line and reason, then swaps it; a resolve sees one. A bad one is refused whole and the
// one in force stays.

// How a document is written.

#define AC_FORMAT_AUTO UINT32_C(0)  // JSON when its first character is `{` or `[`, else YAML.
#define AC_FORMAT_JSON UINT32_C(1)  // JSON (RFC 8259).
#define AC_FORMAT_YAML UINT32_C(2)  // YAML 1.2, without aliases.

// A document in memory, and what to call it in errors.
struct ac_source {
  uint32_t struct_size;  // sizeof(ac_source).
  uint32_t format;       // An AC_FORMAT.
  ac_text text;          // The document, at most 256 MiB.
  ac_text label;         // A file's name for errors; may be empty.
  // Take only this member of the document's top-level mapping; empty takes the whole document.
  ac_text member;
};

// How an engine is made.
struct ac_engine_options {
  uint32_t struct_size;  // sizeof(ac_engine_options).
  uint32_t names_max;    // Most names that it interns; 0 is 1,048,576.
};

// What an engine did.
struct ac_engine_metrics {
  uint64_t resolved;          // Resolves that computed a snapshot.
  uint64_t cached;            // Resolves and reads that a cached snapshot served.
  uint64_t missed;            // Cached reads that found none, or one out of date.
  uint64_t failed;            // Resolves that failed.
  uint64_t rejected;          // Entries in the errors of the resolved snapshots.
  uint64_t asked;             // Questions put to subsystems.
  uint64_t late;              // Of these, the ones without an answer in time.
  uint64_t invalidated;       // Cached snapshots dropped by a call.
  uint64_t entities;          // Entities alive.
  uint64_t snapshots;         // Snapshots alive, cached ones among them.
  uint64_t registry_version;  // How often a registry or layers were loaded.
};

// Makes an engine. It holds its system.
//   system   None for an engine without actors.
//   options  [may be null] Null takes every default.
//   engine   [out] The caller's handle.
//   error    [out, may be null] Why not.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_STALE, AC_E_NULL, AC_E_UNSUPPORTED, AC_E_NO_MEMORY, AC_E_LIMIT, AC_E_STOPPED.
ACTORCORE_API ac_status ac_engine_create(
    ac_system system, const ac_engine_options* options, ac_engine* engine,
    ac_error* error) ACTORCORE_NOEXCEPT;

// Gives the handle back. Entities and snapshots keep what they need. None and stale handles are
// ignored.
//   engine  May be none.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
ACTORCORE_API void ac_engine_release(ac_engine engine) ACTORCORE_NOEXCEPT;

// Loads a registry; a `layers` member in it, if any, replaces the layers too, otherwise the layers
// in force stay.
//   engine  The engine.
//   source  A registry: `dimensions`, and perhaps `layers`.
//   error   [out, may be null] Every defect, one a detail.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL, AC_E_UNKNOWN_CONSTANT, AC_E_UNSUPPORTED,
// AC_E_LIMIT, AC_E_NO_MEMORY, AC_E_BAD_REGISTRY.
ACTORCORE_API ac_status ac_engine_load(
    ac_engine engine, const ac_source* source, ac_error* error) ACTORCORE_NOEXCEPT;

// The same from a file; the path is the label.
//   engine  The engine.
//   path    A file, JSON or YAML.
//   error   [out, may be null] Every defect, one a detail.
// Thread: any. Waits. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL, AC_E_LIMIT, AC_E_NO_MEMORY, AC_E_BAD_REGISTRY,
// AC_E_IO.
ACTORCORE_API ac_status ac_engine_load_file(
    ac_engine engine, ac_text path, ac_error* error) ACTORCORE_NOEXCEPT;

// Replaces the layers of caps: `order` and `across_policy`.
//   engine  The engine.
//   source  Layers.
//   error   [out, may be null] Every defect, one a detail.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL, AC_E_UNKNOWN_CONSTANT, AC_E_UNSUPPORTED,
// AC_E_LIMIT, AC_E_NO_MEMORY, AC_E_BAD_REGISTRY.
ACTORCORE_API ac_status ac_engine_load_layers(
    ac_engine engine, const ac_source* source, ac_error* error) ACTORCORE_NOEXCEPT;

// The number of a name, interned if it is new.
//   engine  The engine.
//   text    1 to 255 bytes of UTF-8.
//   name    [out] From 1; the same for the engine's life.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL, AC_E_INVALID_ARGUMENT, AC_E_LIMIT, AC_E_NO_MEMORY.
ACTORCORE_API ac_status ac_engine_name(
    ac_engine engine, ac_text text, uint32_t* name) ACTORCORE_NOEXCEPT;

// The text of a name's number.
//   engine  The engine.
//   name    A name's number.
//   text    [out] Borrowed for the engine's life.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL, AC_E_NOT_FOUND.
ACTORCORE_API ac_status ac_engine_text(
    ac_engine engine, uint32_t name, ac_text* text) ACTORCORE_NOEXCEPT;

// The registry's dimensions as name numbers, by name.
//   engine    The engine.
//   names     [out, `capacity` of them] The caller's array; null with capacity 0 asks for the
//             count.
//   capacity  Its length.
//   count     [out] How many there are.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL, AC_E_NO_REGISTRY, AC_E_BUFFER_TOO_SMALL.
ACTORCORE_API ac_status ac_engine_dimensions(
    ac_engine engine, uint32_t* names, uint64_t capacity, uint64_t* count) ACTORCORE_NOEXCEPT;

// Drops every cached snapshot.
//   engine  The engine.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE.
ACTORCORE_API ac_status ac_engine_clear(ac_engine engine) ACTORCORE_NOEXCEPT;

// What the engine did.
//   engine   The engine.
//   metrics  [out] Copied.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL.
ACTORCORE_API ac_status ac_engine_get_metrics(
    ac_engine engine, ac_engine_metrics* metrics) ACTORCORE_NOEXCEPT;

// ---- Subsystem ----------------------------------------------------------------------------------
//
// A subsystem contributes outputs. Most are stored: ac_entity_put keeps an entity's output until it
// is replaced, and nothing needs registering. One that computes its output is registered, and every
// resolve asks it: an actor (in any language, by a message, so a Go subsystem is asked through
// turns) or a callback (on the library's threads when the engine has a system, otherwise on the
// resolving thread). All are asked at once; who has not answered by the deadline, or failed, is
// listed in the snapshot as AC_REJECT_SUBSYSTEM_FAILED.

// Contributes to one entity by answering the query before it returns. Anything but AC_OK, or no
// answer, makes it AC_REJECT_SUBSYSTEM_FAILED.
//   user        The subsystem's word.
//   contribute  The question; dies with the call.
typedef ac_status (*ac_on_contribute)(uintptr_t user, const ac_contribute* contribute);

// Payload of AC_TYPE_CONTRIBUTE, and what a callback gets.
struct ac_contribute {
  ac_query query;     // Answer it with ac_query_answer.
  ac_entity entity;   // Whose output is asked; borrowed, for reading its profile.
  ac_buffer context;  // What ac_resolve_with_context gave, or none; borrowed for the turn.
  uint32_t system;    // The subsystem's name.
  uint32_t reserved;  // Zero.
};

// A subsystem that is asked: exactly one of `actor` and `on_contribute`.
struct ac_subsystem_options {
  uint32_t struct_size;            // sizeof(ac_subsystem_options).
  uint32_t reserved;               // Zero.
  ac_text name;                    // Its system name, unique in the engine.
  int64_t priority;                // Of its outputs; higher first.
  ac_actor actor;                  // Asked by AC_TYPE_CONTRIBUTE; of the engine's system.
  ac_on_contribute on_contribute;  // Asked by a call.
  uintptr_t user;                  // The callback's word.
  ac_destroy destroy;              // Ends the word; may be null.
};

// Registers a subsystem that is asked.
//   engine   The engine.
//   options  What it is.
//   error    [out, may be null] Why not.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_WRONG_SYSTEM, AC_E_NULL, AC_E_INVALID_ARGUMENT,
// AC_E_UNSUPPORTED, AC_E_EXISTS, AC_E_LIMIT, AC_E_NO_MEMORY, AC_E_STOPPED.
ACTORCORE_API ac_status ac_subsystem_register(
    ac_engine engine, const ac_subsystem_options* options, ac_error* error) ACTORCORE_NOEXCEPT;

// Asks it no more. Its word is destroyed once its last question has ended.
//   engine  The engine.
//   name    Its name.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NOT_FOUND.
ACTORCORE_API ac_status ac_subsystem_remove(ac_engine engine, ac_text name) ACTORCORE_NOEXCEPT;

// Gives a subsystem's output for one question. The rows are copied; `system` 0 and priority are
// taken from the registration.
//   query   The question; AC_E_STALE when it was answered or its resolve has ended.
//   output  The answer.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL, AC_E_UNKNOWN_CONSTANT, AC_E_UNSUPPORTED,
// AC_E_LIMIT, AC_E_NO_MEMORY.
ACTORCORE_API ac_status ac_query_answer(ac_query query, const ac_output* output) ACTORCORE_NOEXCEPT;

// ---- Subsystem outputs --------------------------------------------------------------------------
//
// An output is what one subsystem contributes to one entity: rows for the primary and the derived
// list, caps, and context modifiers. Rows are frozen at 64 bytes, in any order: the engine brings
// them into canonical order when they are stored. Names are numbers of ac_engine_name. What makes a
// whole output be left out (not finite, unknown dimension or layer, bad cap, two outputs of one
// system) is listed in the snapshot's errors.

// How a contribution enters its dimension: (sum of FLAT * product of (1 + MULT)) + sum of POST_ADD,
// or the first OVERRIDE.

#define AC_BUCKET_FLAT     UINT32_C(0)  // Added.
#define AC_BUCKET_MULT     UINT32_C(1)  // Multiplies by 1 + value.
#define AC_BUCKET_POST_ADD UINT32_C(2)  // Added after the multiplication.
#define AC_BUCKET_OVERRIDE UINT32_C(3)  // Replaces the result.

// Which of the two lists a value belongs to.

#define AC_LIST_PRIMARY UINT32_C(0)  // Primary values.
#define AC_LIST_DERIVED UINT32_C(1)  // Derived values, formulas among them.

// How a cap bounds its dimension within its layer.

#define AC_CAP_BASELINE UINT32_C(0)  // Part of the soft bound.
#define AC_CAP_ADDITIVE UINT32_C(1)  // Added to the soft bound.
#define AC_CAP_HARD_MAX UINT32_C(2)  // A maximum that holds whatever the soft one is.
#define AC_CAP_HARD_MIN UINT32_C(3)  // A minimum that holds whatever the soft one is.
#define AC_CAP_OVERRIDE UINT32_C(4)  // Replaces the soft bound.

// Which bound a cap sets.

#define AC_CAP_KIND_MAX UINT32_C(0)  // The upper one.
#define AC_CAP_KIND_MIN UINT32_C(1)  // The lower one.

// One value for one dimension.
struct ac_contribution {
  uint32_t dimension;    // A name.
  uint32_t system;       // A name; 0 takes the output's.
  uint32_t bucket;       // An AC_BUCKET.
  uint32_t list;         // An AC_LIST.
  double value;          // Finite.
  int64_t priority;      // Higher first.
  uint64_t tags;         // A label of the caller's; nothing is matched against it.
  uint64_t reserved[3];  // Zero.
};

// One bound of one dimension in one layer.
struct ac_cap {
  uint32_t dimension;    // A name.
  uint32_t system;       // A name; 0 takes the output's.
  uint32_t mode;         // An AC_CAP mode; HARD_MAX goes with MAX only, HARD_MIN with MIN only.
  uint32_t kind;         // An AC_CAP_KIND.
  uint32_t scope;        // The layer's name; 0 is TOTAL.
  uint32_t realm;        // A name; required when the scope is REALM.
  double value;          // Finite.
  int64_t priority;      // Higher first.
  uint64_t tags;         // A label of the caller's.
  uint64_t reserved[2];  // Zero.
};

// What an output adds to one context.
struct ac_modifier {
  uint32_t context;           // A name.
  uint32_t multiplier_count;  // Length of multipliers.
  const double* multipliers;  // Multiplied in this order.
  double additive_percent;    // Summed.
  double post_add;            // Summed.
};

// All that one subsystem contributes to one entity.
struct ac_output {
  uint32_t struct_size;                  // sizeof(ac_output).
  uint32_t system;                       // The subsystem's name.
  int64_t priority;                      // The subsystem's; higher first.
  const ac_contribution* contributions;  // Rows of both lists.
  uint64_t contribution_count;           // How many; at most 65,536.
  const ac_cap* caps;                    // Caps.
  uint64_t cap_count;                    // How many; at most 65,536.
  const ac_modifier* modifiers;          // Context modifiers.
  uint64_t modifier_count;               // How many; at most 65,536.
  // 1 says that the subsystem failed: the output is empty and listed as AC_REJECT_SUBSYSTEM_FAILED.
  uint32_t failed;
  uint32_t reserved;                     // Zero.
};

// Parses a list of outputs once: an array, or a mapping with `outputs`. With `source->member` a
// named part of a larger document.
//   engine   Interns the names.
//   source   The document.
//   outputs  [out] The caller's handle.
//   error    [out, may be null] Every defect, one a detail.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL, AC_E_UNKNOWN_CONSTANT, AC_E_UNSUPPORTED,
// AC_E_LIMIT, AC_E_NO_MEMORY, AC_E_BAD_DOCUMENT.
ACTORCORE_API ac_status ac_outputs_load(
    ac_engine engine, const ac_source* source, ac_outputs* outputs,
    ac_error* error) ACTORCORE_NOEXCEPT;

// How many outputs the list has.
//   outputs  The list.
//   count    [out] How many.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL.
ACTORCORE_API ac_status ac_outputs_count(ac_outputs outputs, uint64_t* count) ACTORCORE_NOEXCEPT;

// One output of the list, ready for ac_entity_put.
//   outputs  The list.
//   index    From 0, in the document's order.
//   output   [out] Its arrays are borrowed until the list is released.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL, AC_E_NOT_FOUND.
ACTORCORE_API ac_status ac_outputs_at(
    ac_outputs outputs, uint64_t index, ac_output* output) ACTORCORE_NOEXCEPT;

// Gives the list back. None and stale handles are ignored.
//   outputs  May be none.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
ACTORCORE_API void ac_outputs_release(ac_outputs outputs) ACTORCORE_NOEXCEPT;

// ---- Entity -------------------------------------------------------------------------------------
//
// An entity is a profile and the stored outputs of its subsystems. Changes and resolves of one
// entity are serialised by the entity itself; as a rule they run on the actor that stands for it. A
// resolve serves the cached snapshot while profile version, contributions and registry are what
// they were when it was made (and no subsystem has to be asked); otherwise it computes and caches a
// new one.

// How to resolve.

// Fail with AC_E_REJECTED where a plain resolve would list an error; the first one is in the
// error's details.
#define AC_RESOLVE_STRICT UINT32_C(1)
#define AC_RESOLVE_FRESH  UINT32_C(2)  // Compute even where a cached snapshot would serve.

// Who an entity is.
struct ac_profile {
  uint32_t struct_size;  // sizeof(ac_profile).
  uint32_t reserved;     // Zero.
  ac_text id;            // Its id, `actor_id` in the snapshot; required.
  ac_text name;          // Its name.
  ac_text race;          // Its race.
  int64_t lifespan;      // Years.
  int64_t age;           // Years.
  int64_t created_at;    // Nanoseconds since 1970.
  int64_t updated_at;    // Nanoseconds since 1970.
  uint64_t version;      // Raised by the caller with every change; 0 is taken as 1.
  ac_text subsystems;    // JSON array of names; may be empty.
  ac_text data;          // JSON object; may be empty.
};

// An asynchronous resolve of one or many entities.
struct ac_resolve_options {
  uint32_t struct_size;       // sizeof(ac_resolve_options).
  uint32_t flags;             // AC_RESOLVE flags.
  const ac_entity* entities;  // Whom.
  uint64_t count;             // How many.
  ac_bytes context;           // For the asked subsystems; empty is none.
  uint64_t timeout_ns;        // How long subsystems have to answer; 0 is one second.
  ac_actor reply_to;          // Gets one AC_TYPE_RESOLVED an entity.
  // The caller's number; the messages have it with AC_CORRELATION_REPLY added.
  uint64_t correlation;
};

// Payload of AC_TYPE_RESOLVED.
struct ac_resolved {
  ac_entity entity;      // Whose.
  ac_snapshot snapshot;  // The receiver's to release; none when status is not AC_OK.
  ac_status status;      // How it ended.
  uint32_t reserved;     // Zero.
};

// Makes an entity without outputs.
//   engine   The engine; the entity holds it.
//   profile  Copied.
//   entity   [out] The caller's handle.
//   error    [out, may be null] Why not.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL, AC_E_INVALID_ARGUMENT, AC_E_UNSUPPORTED,
// AC_E_NO_MEMORY, AC_E_LIMIT, AC_E_BAD_DOCUMENT.
ACTORCORE_API ac_status ac_entity_create(
    ac_engine engine, const ac_profile* profile, ac_entity* entity,
    ac_error* error) ACTORCORE_NOEXCEPT;

// Gives the entity back. None and stale handles are ignored.
//   entity  May be none.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
ACTORCORE_API void ac_entity_release(ac_entity entity) ACTORCORE_NOEXCEPT;

// Replaces the profile.
//   entity   The entity.
//   profile  Copied.
//   error    [out, may be null] Why not.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL, AC_E_INVALID_ARGUMENT, AC_E_UNSUPPORTED,
// AC_E_NO_MEMORY, AC_E_BAD_DOCUMENT.
ACTORCORE_API ac_status ac_entity_set_profile(
    ac_entity entity, const ac_profile* profile, ac_error* error) ACTORCORE_NOEXCEPT;

// The profile as JSON with the spec's field names, copied into the caller's buffer.
//   entity    The entity.
//   buffer    [out, `capacity` of them] The caller's; null with capacity 0 asks for the size.
//   capacity  Its bytes.
//   size      [out] Bytes needed; not NUL-terminated.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL, AC_E_BUFFER_TOO_SMALL.
ACTORCORE_API ac_status ac_entity_profile(
    ac_entity entity, char* buffer, uint64_t capacity, uint64_t* size) ACTORCORE_NOEXCEPT;

// Stores one subsystem's output, in place of its former one.
//   entity  The entity.
//   output  Copied.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL, AC_E_INVALID_ARGUMENT, AC_E_UNKNOWN_CONSTANT,
// AC_E_UNSUPPORTED, AC_E_LIMIT, AC_E_NO_MEMORY.
ACTORCORE_API ac_status ac_entity_put(ac_entity entity, const ac_output* output) ACTORCORE_NOEXCEPT;

// Replaces all the entity's outputs by a parsed list; two of one system stay two, and are both
// rejected at the resolve.
//   entity   The entity.
//   outputs  A list of the same engine.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_WRONG_SYSTEM, AC_E_NO_MEMORY.
ACTORCORE_API ac_status ac_entity_put_all(ac_entity entity, ac_outputs outputs) ACTORCORE_NOEXCEPT;

// Removes one subsystem's output.
//   entity  The entity.
//   system  The subsystem's name.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NOT_FOUND.
ACTORCORE_API ac_status ac_entity_remove(ac_entity entity, uint32_t system) ACTORCORE_NOEXCEPT;

// Resolves one entity. Waits only where registered subsystems have to be asked through a system,
// one second at most; inside a handler that is AC_E_WOULD_DEADLOCK.
//   entity    The entity.
//   flags     AC_RESOLVE flags.
//   snapshot  [out] The caller's reference.
//   error     [out, may be null] Why not.
// Thread: any. Waits. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL, AC_E_UNKNOWN_CONSTANT, AC_E_NO_REGISTRY,
// AC_E_REJECTED, AC_E_NO_MEMORY, AC_E_WOULD_DEADLOCK, AC_E_STOPPED.
ACTORCORE_API ac_status ac_resolve(
    ac_entity entity, uint32_t flags, ac_snapshot* snapshot, ac_error* error) ACTORCORE_NOEXCEPT;

// Resolves one entity, handing the context to every subsystem that is asked. Neither served from
// nor kept in the cache.
//   entity      The entity.
//   flags       AC_RESOLVE flags.
//   context     Opaque to the engine; copied.
//   timeout_ns  How long subsystems have to answer; 0 is one second.
//   snapshot    [out] The caller's reference.
//   error       [out, may be null] Why not.
// Thread: any. Waits. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL, AC_E_UNKNOWN_CONSTANT, AC_E_NO_REGISTRY,
// AC_E_REJECTED, AC_E_LIMIT, AC_E_NO_MEMORY, AC_E_WOULD_DEADLOCK, AC_E_STOPPED.
ACTORCORE_API ac_status ac_resolve_with_context(
    ac_entity entity, uint32_t flags, ac_bytes context, uint64_t timeout_ns, ac_snapshot* snapshot,
    ac_error* error) ACTORCORE_NOEXCEPT;

// Resolves many entities in one call, each with a status of its own.
//   entities   [`count` of them] Whom.
//   count      How many.
//   flags      AC_RESOLVE flags.
//   snapshots  [out, `count` of them] The caller's references; none where the status is not AC_OK.
//   statuses   [out, `count` of them] One an entity; may be null.
//   resolved   [out] How many succeeded; may be null.
// Thread: any. Waits. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NULL, AC_E_UNKNOWN_CONSTANT, AC_E_WOULD_DEADLOCK.
ACTORCORE_API ac_status ac_resolve_batch(
    const ac_entity* entities, uint64_t count, uint32_t flags, ac_snapshot* snapshots,
    ac_status* statuses, uint64_t* resolved) ACTORCORE_NOEXCEPT;

// Resolves without waiting; every entity's snapshot arrives at `reply_to` as AC_TYPE_RESOLVED.
// Accepted means that a message per entity will come.
//   engine   An engine with a system.
//   options  What to resolve and where to answer.
//   error    [out, may be null] Why not.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_WRONG_SYSTEM, AC_E_NULL, AC_E_INVALID_ARGUMENT,
// AC_E_UNKNOWN_CONSTANT, AC_E_UNSUPPORTED, AC_E_WRONG_MODE, AC_E_LIMIT, AC_E_NO_MEMORY,
// AC_E_STOPPED.
ACTORCORE_API ac_status ac_resolve_async(
    ac_engine engine, const ac_resolve_options* options, ac_error* error) ACTORCORE_NOEXCEPT;

// The cached snapshot, if it is still what a resolve of the stored outputs would give.
//   entity    The entity.
//   snapshot  [out] The caller's reference.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL, AC_E_NOT_CACHED.
ACTORCORE_API ac_status ac_get_cached_snapshot(
    ac_entity entity, ac_snapshot* snapshot) ACTORCORE_NOEXCEPT;

// Drops the entity's cached snapshot.
//   entity  The entity.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE.
ACTORCORE_API ac_status ac_invalidate(ac_entity entity) ACTORCORE_NOEXCEPT;

// ---- Snapshot -----------------------------------------------------------------------------------
//
// A snapshot is immutable and reference-counted: dense arrays, by name in ascending byte order,
// read without copying while a reference is held.

// Why an output was left out, or a number replaced.

#define AC_REJECT_NONE              UINT32_C(0)  // Not an error.
#define AC_REJECT_DUPLICATE_SYSTEM  UINT32_C(1)  // Two outputs of one system; both were left out.
#define AC_REJECT_NOT_FINITE        UINT32_C(2)  // A value is NaN or infinite.
#define AC_REJECT_UNKNOWN_DIMENSION UINT32_C(3)  // The registry lacks a dimension.
#define AC_REJECT_UNKNOWN_LAYER     UINT32_C(4)  // A cap's scope is not in the order of the layers.
// A mode that does not go with its kind, or a REALM cap without a realm.
#define AC_REJECT_INVALID_CAP       UINT32_C(5)
#define AC_REJECT_SUBSYSTEM_FAILED  UINT32_C(6)  // It failed or did not answer in time.
#define AC_REJECT_OUT_OF_RANGE      UINT32_C(7)  // A computed number is not finite.

// What an entry of the errors is about.

#define AC_ABOUT_SYSTEM    UINT32_C(0)  // A subsystem's output.
#define AC_ABOUT_DIMENSION UINT32_C(1)  // A dimension in a list.
#define AC_ABOUT_CONTEXT   UINT32_C(2)  // A context.

// One merged context: apply(base) = base * (1 + additive_percent) * multiplier + post_add, rounded
// at each step.
struct ac_context {
  uint32_t name;            // A name.
  uint32_t reserved;        // Zero.
  double additive_percent;  // Sum.
  double multiplier;        // Product.
  double post_add;          // Sum.
};

// One entry of a snapshot's errors.
struct ac_snapshot_error {
  uint32_t code;   // An AC_REJECT.
  uint32_t about;  // An AC_ABOUT.
  uint32_t name;   // The system, dimension or context.
  uint32_t list;   // An AC_LIST, for dimensions.
};

// Everything in a snapshot, borrowed while a reference is held.
struct ac_snapshot_view {
  uint32_t struct_size;             // Bytes that this version filled.
  uint32_t primary_count;           // Primary values.
  uint32_t derived_count;           // Derived values.
  uint32_t cap_count;               // Effective caps.
  uint32_t context_count;           // Contexts.
  uint32_t error_count;             // Errors.
  ac_text actor_id;                 // The profile's id.
  uint64_t version;                 // The profile's version.
  int64_t created_at;  // When it was resolved: nanoseconds since 1970, or of the virtual clock.
  const uint32_t* primary_names;    // Dimensions, by name.
  const double* primary_values;     // Their values.
  const uint32_t* derived_names;    // Dimensions, by name.
  const double* derived_values;     // Their values.
  const uint32_t* cap_names;        // Dimensions with a contribution, a formula or a cap, by name.
  const double* cap_mins;           // Their minima.
  const double* cap_maxs;           // Their maxima.
  const ac_context* contexts;       // By name.
  const ac_snapshot_error* errors;  // In the spec's order.
};

// Everything in a snapshot, without copying.
//   snapshot  The snapshot.
//   view      [inout] Set struct_size; filled as far as that goes.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL.
ACTORCORE_API ac_status ac_snapshot_get(
    ac_snapshot snapshot, ac_snapshot_view* view) ACTORCORE_NOEXCEPT;

// One value.
//   snapshot   The snapshot.
//   list       An AC_LIST.
//   dimension  A name.
//   value      [out] Its value.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL, AC_E_UNKNOWN_CONSTANT, AC_E_UNKNOWN_DIMENSION.
ACTORCORE_API ac_status ac_snapshot_value(
    ac_snapshot snapshot, uint32_t list, uint32_t dimension, double* value) ACTORCORE_NOEXCEPT;

// Applies a context to a number; an unknown context leaves it as it is.
//   snapshot  The snapshot.
//   context   A name.
//   base      The number.
//   value     [out] The result.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL.
ACTORCORE_API ac_status ac_snapshot_apply(
    ac_snapshot snapshot, uint32_t context, double base, double* value) ACTORCORE_NOEXCEPT;

// The snapshot in the spec's case form: one line of JSON, keys as in the spec, numbers in shortest
// round-trip form; copied into the caller's buffer.
//   snapshot  The snapshot.
//   buffer    [out, `capacity` of them] The caller's; null with capacity 0 asks for the size.
//   capacity  Its bytes.
//   size      [out] Bytes needed; not NUL-terminated.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL, AC_E_BUFFER_TOO_SMALL.
ACTORCORE_API ac_status ac_snapshot_json(
    ac_snapshot snapshot, char* buffer, uint64_t capacity, uint64_t* size) ACTORCORE_NOEXCEPT;

// Takes one more reference.
//   snapshot  The snapshot.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE.
ACTORCORE_API ac_status ac_snapshot_retain(ac_snapshot snapshot) ACTORCORE_NOEXCEPT;

// Gives one reference back. None and stale handles are ignored.
//   snapshot  May be none.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
ACTORCORE_API void ac_snapshot_release(ac_snapshot snapshot) ACTORCORE_NOEXCEPT;

// Resolves one self-contained case of the spec's form (registry, layers, profile, outputs) with its
// own registry; the engine's stays what it is.
//   engine    Interns the names.
//   source    One case; an `expect` in it is ignored.
//   flags     AC_RESOLVE flags.
//   snapshot  [out] The caller's reference.
//   error     [out, may be null] Every defect, one a detail.
// Thread: any. Since 1.0.0 (unstable 2026-11-21).
// Errors: AC_E_NO_HANDLE, AC_E_STALE, AC_E_NULL, AC_E_UNKNOWN_CONSTANT, AC_E_UNSUPPORTED,
// AC_E_LIMIT, AC_E_NO_MEMORY, AC_E_BAD_REGISTRY, AC_E_BAD_DOCUMENT, AC_E_REJECTED.
ACTORCORE_API ac_status ac_resolve_case(
    ac_engine engine, const ac_source* source, uint32_t flags, ac_snapshot* snapshot,
    ac_error* error) ACTORCORE_NOEXCEPT;

// ---- Helpers of the message path, inlined -------------------------------------------------------
//
// They run in the caller, on memory that a turn hands over, and make no call but those they name.

// A view of NUL-terminated text; null gives an empty one.
static inline ac_text ac_text_of(const char* text) {
  ac_text view;
  view.data = text;
  view.size = text ? strlen(text) : 0;
  return view;
}

// The payload of a received message, `message->length` bytes; lives as long as the turn.
static inline const uint8_t* ac_message_payload(const ac_message* message) {
  const uint8_t* payload = message->data;
  if (message->length > AC_INLINE_BYTES) memcpy(&payload, message->data + 8, sizeof payload);
  return payload;
}

// Fills one envelope with a copy of the payload; calls ac_buffer_create when that is longer than
// AC_INLINE_BYTES. Errors: AC_E_NULL, AC_E_LIMIT, AC_E_NO_MEMORY; the envelope owns nothing then.
static inline ac_status ac_message_fill(ac_message* message, uint32_t type, const void* data,
                                        uint32_t length) {
  message->type = type;
  message->length = length;
  if (length == 0) return AC_OK;
  if (!data) return AC_E_NULL;
  if (length <= AC_INLINE_BYTES) {
    memcpy(message->data, data, length);
    return AC_OK;
  }
  ac_buffer buffer;
  uint8_t* bytes;
  const ac_status status = ac_buffer_create(length, &buffer, &bytes);
  if (status != AC_OK) return status;
  memcpy(bytes, data, length);
  memcpy(message->data, &buffer, sizeof buffer);
  return AC_OK;
}

// Puts one message into the turn's outbox; ac_worker_flush is called when that is full.
// Errors: those of ac_message_fill and ac_worker_flush; nothing was sent then.
static inline ac_status ac_turn_put(ac_turn* turn, ac_actor sender, ac_actor to,
                                    uint64_t correlation, uint32_t type, const void* data,
                                    uint32_t length) {
  if (turn->outbox_count >= turn->outbox_capacity) {
    const ac_status flushed = ac_worker_flush(turn->worker);
    if (flushed != AC_OK) return flushed;
  }
  ac_message* message = turn->outbox[turn->outbox_count];
  message->to = to;
  message->sender = sender;
  message->correlation = correlation;
  const ac_status filled = ac_message_fill(message, type, data, length);
  if (filled != AC_OK) return filled;
  turn->outbox_count += 1;
  return AC_OK;
}

// Sends one message from the activation's actor, or from none when `from` is null. Errors: those of
// ac_turn_put.
static inline ac_status ac_turn_send(ac_turn* turn, const ac_activation* from, ac_actor to,
                                     uint32_t type, const void* data, uint32_t length) {
  ac_actor sender;
  sender.bits = from ? from->actor.bits : 0;
  return ac_turn_put(turn, sender, to, 0, type, data, length);
}

// Replies to a request of this turn. Errors: AC_E_INVALID_ARGUMENT when it is none; those of
// ac_turn_put.
static inline ac_status ac_turn_reply(ac_turn* turn, const ac_activation* from,
                                      const ac_message* request, uint32_t type, const void* data,
                                      uint32_t length) {
  const uint64_t asked = request->correlation;
  if (asked == 0 || (asked & AC_CORRELATION_REPLY)) return AC_E_INVALID_ARGUMENT;
  ac_actor sender;
  sender.bits = from ? from->actor.bits : 0;
  return ac_turn_put(turn, sender, request->sender, asked | AC_CORRELATION_REPLY, type, data,
                     length);
}

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // ACTORCORE_ACTORCORE_H_
