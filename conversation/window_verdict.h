// What becomes of a message at the moment of its POST: the one table of policy, window and claim (law 9). Pure.
//
//   window open, or a template ─────────────────────────────▶ SendNow
//   closed:   reject                                          Fail(window_closed)
//             hold                                            Hold until the customer writes
//             template             no claim │ claim out       SendFallback │ Replace by the template on its way
//             template_then_hold   no claim │ claim out       SendFallbackAndHold │ Hold
//   A fallback that cannot go (none named, not approved, the contact stopped marketing) is Fail(window_closed).

#pragma once

#include <optional>

#include "base/clock.h"
#include "conversation/window.h"

namespace waypost {

enum class WindowVerdict { SendNow, Hold, SendFallback, SendFallbackAndHold, Replace, Fail };

struct WindowCase {
  bool is_template = false;  // templates go out whatever the window
  bool is_open = false;
  WindowPolicy policy = WindowPolicy::Reject;  // in force
  bool has_claim = false;                      // a fallback template of this conversation is on its way
  bool can_fall_back = false;                  // an approved template that this contact may get
};

WindowVerdict judge_window(const WindowCase& window);

// A claim holds for `longest`; then the next message may send a fallback again.
inline bool claim_holds(std::optional<Time> claimed_at, Time now, milliseconds longest) {
  return claimed_at && now < *claimed_at + longest;
}

}  // namespace waypost
