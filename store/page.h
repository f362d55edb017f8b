// One page of a list: `limit` rows from `offset`, newest first unless the list says otherwise.

#pragma once

#include <cstdint>

namespace waypost::store {

struct Page {
  std::int64_t limit = 20;
  std::int64_t offset = 0;
};

}  // namespace waypost::store
