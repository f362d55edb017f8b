#include "conversation/window_verdict.h"

namespace waypost {
namespace {

WindowVerdict outside(const WindowCase& window) {
  switch (window.policy) {
    case WindowPolicy::Reject:
      return WindowVerdict::Fail;
    case WindowPolicy::Hold:
      return WindowVerdict::Hold;
    case WindowPolicy::Template:
      if (window.has_claim) return WindowVerdict::Replace;
      return window.can_fall_back ? WindowVerdict::SendFallback : WindowVerdict::Fail;
    case WindowPolicy::TemplateThenHold:
      if (window.has_claim) return WindowVerdict::Hold;
      return window.can_fall_back ? WindowVerdict::SendFallbackAndHold : WindowVerdict::Fail;
  }
}

}  // namespace

WindowVerdict judge_window(const WindowCase& window) {
  if (window.is_template || window.is_open) return WindowVerdict::SendNow;
  return outside(window);
}

}  // namespace waypost
