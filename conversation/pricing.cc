#include "conversation/pricing.h"

namespace waypost {
namespace {

const Json* find_pricing(const Json& status) {
  if (const Json* own = find_object(status, "pricing")) return own;
  const Json* conversation = find_object(status, "conversation");
  return conversation ? find_object(*conversation, "pricing") : nullptr;
}

// Meta spells this one in two ways.
std::string category_of(const Json& pricing) {
  auto category = text_or_empty(pricing, "category");
  return category == "authentication_international" ? "authentication-international" : category;
}

}  // namespace

std::optional<Pricing> pricing_of(const Json& status) {
  const Json* pricing = find_pricing(status);
  if (!pricing) return std::nullopt;
  Pricing read{.category = category_of(*pricing),
               .type = text_or_empty(*pricing, "type"),
               .model = text_or_empty(*pricing, "pricing_model")};
  if (read == Pricing{}) return std::nullopt;
  return read;
}

}  // namespace waypost
