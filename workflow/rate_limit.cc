#include "workflow/rate_limit.h"

#include "workflow/duration.h"

namespace waypost::workflow {

RateLimit rate_limit_in(const Json& config) {
  constexpr RateLimit kUsual;
  return {.most = find_integer(config, "maxCount").value_or(kUsual.most),
          .window = duration_in(config, "window", duration_in(config, "windowSeconds", kUsual.window)),
          .per_contact = text_or_empty(config, "per") != "workspace"};
}

}  // namespace waypost::workflow
