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
