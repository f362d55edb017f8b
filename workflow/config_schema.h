// The words in which a node family describes its configuration: JSON Schema 2020-12 for an editor to be built from.
// What a configuration is checked by are the families' faults(), not these. Pure; any thread.

#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace waypost::workflow::schema_of {

// A member's name and what it holds.
struct Member {
  std::string name{};
  Json schema{};
};
using Members = std::vector<Member>;
using Names = std::initializer_list<std::string_view>;

struct Between {
  std::int64_t least = 0;
  std::int64_t most = std::numeric_limits<std::int64_t>::max();  // no bound
};

// Texts may hold {{variables}} where the description says so.
Json text(std::string_view title, std::string_view description);
Json choice(std::string_view title, std::string_view description, std::span<const std::string_view> words);
Json choice(std::string_view title, std::string_view description, Names words);
Json flag(std::string_view title, std::string_view description);
Json whole(std::string_view title, std::string_view description, Between bounds);
Json number(std::string_view title, std::string_view description, double least, double most);
Json duration(std::string_view title, std::string_view description);
Json list(std::string_view title, std::string_view description, Json items, Between count);
Json object(std::string_view title, std::string_view description, const Members& members, Names required);
// An object with any members: headers, parameters by name.
Json map(std::string_view title, std::string_view description, Json values);
Json anything(std::string_view title, std::string_view description);

// The same with what it is when it is not given.
Json with_default(Json schema, Json value);

// The whole configuration. "x-order" has the members in the order in which an editor shows them.
Json config(const Members& members, Names required = {});

}  // namespace waypost::workflow::schema_of
