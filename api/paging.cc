#include "api/paging.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "api/answers.h"

namespace waypost::api {

Result<std::int64_t> read_number(const RequestHead& head, std::string_view name, std::int64_t otherwise) {
  const auto text = head.query_value(name);
  if (!text) return otherwise;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  const bool whole = error == std::errc() && end == text->data() + text->size();
  if (!whole || number < 0) return invalid(std::string(name), "Expected a whole number of 0 or more");
  return number;
}

Result<store::Page> read_page(const RequestHead& head, PageRule rule) {
  const auto limit = read_number(head, "limit", rule.usual);
  if (!limit) return fail(limit.error());
  const auto offset = read_number(head, "offset", 0);
  if (!offset) return fail(offset.error());
  if (*limit < 1) return invalid("limit", "Number must be greater than or equal to 1");
  if (*offset > kMostOffset)
    return invalid("offset", "Number must be less than or equal to " + std::to_string(kMostOffset));
  return store::Page{.limit = std::min(*limit, rule.most), .offset = *offset};
}

}  // namespace waypost::api
