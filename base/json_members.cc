#include "base/json_members.h"

#include <algorithm>

namespace waypost {
namespace {

// Printable ASCII without a quote or a backslash; of anything else nlohmann knows best how it is written.
bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
}

}  // namespace

void JsonMembers::begin(std::string_view key) {
  if (!text_.empty()) text_ += ',';
  text_ += '"';
  text_ += key;
  text_ += "\":";
}

void JsonMembers::put_raw(std::string_view key, std::string_view json) {
  begin(key);
  text_ += json;
}

void JsonMembers::put_plain(std::string_view key, std::string_view text) {
  begin(key);
  text_ += '"';
  text_ += text;
  text_ += '"';
}

void JsonMembers::put(std::string_view key, std::string_view text) {
  is_plain(text) ? put_plain(key, text) : put_raw(key, dump(Json(text)));
}

void JsonMembers::put(std::string_view key, std::int64_t number) { put_raw(key, std::to_string(number)); }

void JsonMembers::put(std::string_view key, Time at) { put_plain(key, iso8601(at)); }

}  // namespace waypost
