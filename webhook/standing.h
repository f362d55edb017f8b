// Standing: where an update stands in the store, without changing anything. Lane only.

#pragma once

#include "webhook/apply_task.h"

namespace waypost {

enum class Standing {
  Fresh,    // applying it would change something
  Applied,  // it was applied, as far as the seen ids reach (store/seen.h), or changes nothing
  Dead,     // it cannot be read, or its number has no channel
};

Standing standing_of(sql::Connection& connection, const ApplyTask& task);

}  // namespace waypost
