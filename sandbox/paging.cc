#include "sandbox/paging.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include "base/crypto.h"

namespace waypost::sandbox {
namespace {

constexpr std::size_t kUsualLimit = 25;
constexpr std::string_view kCursorMark = "row ";

std::string cursor_at(std::size_t row) { return base64(std::string(kCursorMark) + std::to_string(row)); }

std::optional<std::size_t> whole_number(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Judged<std::size_t> first_row(const RequestHead& head) {
  const auto after = head.query_value("after");
  if (!after || after->empty()) return 0;
  const auto text = from_base64(*after);
  const auto row =
      text && text->starts_with(kCursorMark) ? whole_number(text->substr(kCursorMark.size())) : std::nullopt;
  if (!row) return refuse(131059, "the cursor is not valid");
  return *row + 1;
}

std::string next_url(const RequestHead& head, std::size_t limit, std::string_view after) {
  const auto host = head.headers.find("Host");
  return "http://" + std::string(host.value_or("localhost")) + head.path + "?limit=" + std::to_string(limit) +
         "&after=" + percent_encoded(after);
}

}  // namespace

Judged<Json> page_of(const std::vector<Json>& all, const RequestHead& head) {
  const auto limit = whole_number(head.query_value("limit").value_or(std::to_string(kUsualLimit)));
  if (!limit || *limit == 0) return refuse(100, "limit must be a positive number");
  const auto first = first_row(head);
  if (!first) return std::unexpected(first.error());
  const auto begin = std::min(*first, all.size());
  const auto end = begin + std::min(*limit, all.size() - begin);
  Json page = {{"data", Json::array()}};
  const auto fields = head.query_value("fields").value_or("");
  for (auto row = begin; row < end; ++row) page["data"].push_back(with_fields(all[row], fields));
  if (begin == end) return page;
  page["paging"]["cursors"] = {{"before", cursor_at(begin)}, {"after", cursor_at(end - 1)}};
  if (end < all.size()) page["paging"]["next"] = next_url(head, *limit, cursor_at(end - 1));
  return page;
}

Json with_fields(const Json& json, std::string_view fields) {
  if (fields.empty()) return json;
  Json chosen = Json::object();
  while (!fields.empty()) {
    const auto comma = std::min(fields.find(','), fields.size());
    const std::string name(fields.substr(0, comma));
    if (json.contains(name)) chosen[name] = json[name];
    fields.remove_prefix(std::min(comma + 1, fields.size()));
  }
  if (json.contains("id")) chosen["id"] = json["id"];
  return chosen;
}

}  // namespace waypost::sandbox
