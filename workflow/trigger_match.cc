#include "workflow/trigger_match.h"

#include <algorithm>
#include <string>

#include "workflow/keyword_match.h"
#include "workflow/reply.h"

namespace waypost::workflow {
namespace {

bool is_asked_type(const Json& config, std::string_view type) {
  const Json* types = find_array(config, "types");
  if (types == nullptr || types->empty()) return true;
  return std::ranges::any_of(*types, [&](const Json& word) {
    return word.is_string() && is_of_kind(type, word.get_ref<const std::string&>());
  });
}

bool has_keyword(const Json& config, std::string_view text) {
  const Json* keywords = find_array(config, "keywords");
  const auto match = keyword_match(text_or_empty(config, "match")).value_or(KeywordMatch::Equals);
  if (keywords == nullptr || text.empty()) return false;
  return std::ranges::any_of(*keywords, [&](const Json& keyword) {
    return keyword.is_string() && matches(text, keyword.get_ref<const std::string&>(), match);
  });
}

}  // namespace

bool starts(const Json& trigger, const TriggerFacts& facts) {
  const auto type = text_or_empty(trigger, "type");
  const Json* config = find_object(trigger, "config");
  const Json given = config ? *config : Json::object();
  if (type == "trigger.inbound_message") return is_asked_type(given, facts.type);
  if (type == "trigger.keyword") return has_keyword(given, facts.text);
  return type == "trigger.new_contact" && facts.is_new_contact;
}

bool asks_for_new_contact(const Json& trigger) { return text_or_empty(trigger, "type") == "trigger.new_contact"; }

}  // namespace waypost::workflow
