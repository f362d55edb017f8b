// What may be missing, as JSON: null where it is. Any thread.

#pragma once

#include <optional>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"

namespace waypost {

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}
template <class Tag>
Json or_null(const std::optional<Id<Tag>>& id) {
  return id ? Json(id->text()) : Json();
}
inline Json or_null(const std::optional<Time>& at) { return at ? Json(iso8601(*at)) : Json(); }

}  // namespace waypost
