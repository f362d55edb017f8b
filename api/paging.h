// Paging: `limit` and `offset` of a list. Pure; any thread.

#pragma once

#include <cstdint>

#include "base/error.h"
#include "net/http.h"
#include "store/page.h"

namespace waypost::api {

struct PageRule {
  std::int64_t usual = 20;
  std::int64_t most = 100;  // a larger limit is cut to this
};

inline constexpr std::int64_t kMostOffset = 10'000;

// InvalidInput with fields: no number, a limit below 1, an offset below 0 or beyond kMostOffset.
Result<store::Page> read_page(const RequestHead& head, PageRule rule = {});

// A whole number of the query, or `otherwise` when it is not there. InvalidInput when it is no number of 0 or more.
Result<std::int64_t> read_number(const RequestHead& head, std::string_view name, std::int64_t otherwise);

}  // namespace waypost::api
