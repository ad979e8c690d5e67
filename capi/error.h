// Error handles: actorcore::Error behind an ac_error.
//
// Threads:    any.
// Invariants: an error is immutable from give_error on.
// Cost:       one allocation an error, on failure paths only.
#ifndef ACTORCORE_CAPI_ERROR_H_
#define ACTORCORE_CAPI_ERROR_H_

#include "actorcore/actorcore.h"
#include "base/status.h"

namespace actorcore::capi {

// A bare status with its meaning as the message.
Error error_of(ac_status status);

// Puts the error behind `*out`, unless that is null, and returns its code. Where memory is too
// short even for that, `*out` is none.
ac_status give_error(ac_error* out, Error error) noexcept;
ac_status give_status(ac_error* out, ac_status status) noexcept;

}  // namespace actorcore::capi

#endif  // ACTORCORE_CAPI_ERROR_H_
