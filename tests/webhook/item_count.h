// ItemCount: how many updates a body must be read into, counted by the shape of the envelope alone: what goes in comes
// out, as a message, a status, other news or something malformed. Pure; any thread.

#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "base/json.h"
#include "webhook/payload.h"

namespace waypost::test {

// Updates by the place that holds them: "" (the whole body), "entry[0]", "entry[0].changes[1]".
using ItemCount = std::map<std::string, std::size_t>;

// `at_least`: of fields whose items do not all stand in lists of their value.
struct ItemsExpected {
  ItemCount exactly{};
  ItemCount at_least{};
};
ItemsExpected items_in(const Json& body);

ItemCount items_of(const Payload& payload);

// "", or what vanished or came from nowhere.
std::string difference(const ItemsExpected& expected, const ItemCount& found);

}  // namespace waypost::test
