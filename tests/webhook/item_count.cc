#include "tests/webhook/item_count.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

namespace waypost::test {
namespace {

bool names_number(const Json& value) {
  for (const std::string_view key : {"metadata", "recipient"}) {
    const Json* named = find_object(value, key);
    const Json* id = named ? find(*named, "phone_number_id") : nullptr;
    if (!id) continue;
    if (id->is_string()) return !id->get_ref<const std::string&>().empty();
    if (find_integer(*named, "phone_number_id")) return true;
  }
  return false;
}

std::size_t items_of_list(const Json& value, std::string_view key) {
  const Json* list = find(value, key);
  if (!list) return 0;
  return list->is_array() ? list->size() : 1;
}

using Lists = std::vector<std::string_view>;
const std::map<std::string_view, Lists>& lists_of_fields() {
  static const std::map<std::string_view, Lists> lists{{"messages", {"messages", "statuses"}},
                                                       {"standby", {"messages", "message_echoes", "statuses"}},
                                                       {"smb_message_echoes", {"message_echoes"}},
                                                       {"history", {"messages", "message_echoes"}}};
  return lists;
}

// Beside the lists something may be left, which is one item; a value without any of them is always one.
std::size_t items_of_value(const Json& value, const Lists& lists) {
  static const std::set<std::string_view> no_items{"messaging_product", "metadata", "contacts"};
  bool has_rest = false;
  bool has_lists = false;
  for (const auto& [key, part] : value.items()) {
    const bool is_list = std::ranges::find(lists, key) != lists.end();
    has_lists |= is_list;
    has_rest |= !is_list && !no_items.contains(key);
  }
  std::size_t items = has_rest || !has_lists ? 1 : 0;
  for (const auto list : lists) items += items_of_list(value, list);
  return items;
}

// What threads of a history hold is its reader's affair, and so are fields without lists.
void count_change(const std::string& place, const Json& change, ItemsExpected& expected) {
  const auto field = find_text(change, "field");
  const Json* value = find(change, "value");
  const auto lists = field ? lists_of_fields().find(*field) : lists_of_fields().end();
  if (field && value && lists == lists_of_fields().end()) {
    expected.at_least[place] = 1;
    return;
  }
  const bool is_readable = value && value->is_object() && names_number(*value);
  const std::size_t items = is_readable && field ? items_of_value(*value, lists->second) : 1;
  (field == "history" ? expected.at_least : expected.exactly)[place] = items;
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
