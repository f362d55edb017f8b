#include "conversation/portfolio.h"

#include <algorithm>
#include <utility>

namespace waypost {
namespace {

// Ids come as texts or as numbers.
std::optional<std::string> id_at(const Json& json, std::string_view key) {
  if (auto text = find_text(json, key)) return text->empty() ? std::nullopt : std::move(text);
  const auto number = find_integer(json, key);
  return number ? std::optional(std::to_string(*number)) : std::nullopt;
}

}  // namespace

std::optional<std::string> portfolio_of_number(const Json& fields) {
  const Json* health = find_object(fields, "health_status");
  const Json* entities = health ? find_array(*health, "entities") : nullptr;
  if (!entities) return std::nullopt;
  const auto business = std::ranges::find_if(
      *entities, [](const Json& entity) { return text_or_empty(entity, "entity_type") == "BUSINESS"; });
  return business == entities->end() ? std::nullopt : id_at(*business, "id");
}

std::optional<std::string> portfolio_of_news(const Json& value) {
  const Json* account = find_object(value, "waba_info");
  return account ? id_at(*account, "owner_business_id") : std::nullopt;
}

}  // namespace waypost
