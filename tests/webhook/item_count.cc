#include "tests/webhook/item_count.h"

#include <fmt/format.h>

#include <set>
#include <string_view>

namespace waypost::test {
namespace {

bool names_number(const Json& value) {
  const Json* metadata = find_object(value, "metadata");
  const Json* id = metadata ? find(*metadata, "phone_number_id") : nullptr;
  if (!id) return false;
  return id->is_string() ? !id->get_ref<const std::string&>().empty()
                         : find_integer(*metadata, "phone_number_id").has_value();
}

std::size_t items_of_list(const Json& value, std::string_view key) {
  const Json* list = find(value, key);
  if (!list) return 0;
  return list->is_array() ? list->size() : 1;
}

// Beside both lists something may be left, which is one item; a value without either is always one.
std::size_t items_of_messages(const Json& value) {
  static const std::set<std::string_view> kNoItems{"messaging_product", "metadata", "contacts", "messages", "statuses"};
  bool has_rest = !value.contains("messages") && !value.contains("statuses");
  for (const auto& [key, part] : value.items()) has_rest |= !kNoItems.contains(key);
  return items_of_list(value, "messages") + items_of_list(value, "statuses") + (has_rest ? 1 : 0);
}

void count_change(const std::string& place, const Json& change, ItemsExpected& expected) {
  const auto field = find_text(change, "field");
  const Json* value = find(change, "value");
  if (field && value && *field != "messages") {
    expected.at_least[place] = 1;
    return;
  }
  const bool is_readable = field && value && value->is_object() && names_number(*value);
  expected.exactly[place] = is_readable ? items_of_messages(*value) : 1;
}

std::string holder_of(const std::string& place) { return place.substr(0, place.find(".value")); }

template <class Update>
void count(const std::vector<Update>& updates, ItemCount& found) {
  for (const auto& update : updates) ++found[holder_of(update.origin.place)];
}

}  // namespace

ItemsExpected items_in(const Json& body) {
  ItemsExpected expected;
  const Json* entries = find_array(body, "entry");
  if (!entries) return {.exactly = {{"", 1}}};
  for (std::size_t index = 0; index < entries->size(); ++index) {
    const auto entry = fmt::format("entry[{}]", index);
    const Json* changes = find_array((*entries)[index], "changes");
    if (!changes) expected.exactly[entry] = 1;
    for (std::size_t at = 0; changes && at < changes->size(); ++at) {
      count_change(fmt::format("{}.changes[{}]", entry, at), (*changes)[at], expected);
    }
  }
  return expected;
}

ItemCount items_of(const Payload& payload) {
  ItemCount found;
  count(payload.messages, found);
  count(payload.statuses, found);
  count(payload.others, found);
  count(payload.malformed, found);
  return found;
}

std::string difference(const ItemsExpected& expected, const ItemCount& found) {
  std::string words;
  ItemCount left = found;
  const auto take = [&left](const std::string& place) {
    const auto node = left.extract(place);
    return node ? node.mapped() : 0;
  };
  for (const auto& [place, items] : expected.exactly) {
    const auto came = take(place);
    if (came != items) words += fmt::format("{} of {} items of '{}'; ", came, items, place);
  }
  for (const auto& [place, items] : expected.at_least) {
    const auto came = take(place);
    if (came < items) words += fmt::format("{} of at least {} items of '{}'; ", came, items, place);
  }
  for (const auto& [place, items] : left) words += fmt::format("{} items of '{}' from nowhere; ", items, place);
  return words;
}

}  // namespace waypost::test
