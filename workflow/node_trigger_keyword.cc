// trigger.keyword: messages that hold one of some words. {"keywords": [text], "match"?: equals | contains |
// starts_with}; one output. What matches is said in trigger_match.h.

#include <array>

#include "base/text.h"
#include "workflow/config_checks.h"
#include "workflow/config_schema.h"
#include "workflow/node_family.h"
#include "workflow/trigger_plan.h"

namespace waypost::workflow {
namespace {

constexpr std::size_t kKeywords = 50;
constexpr std::size_t kKeywordCharacters = 100;
constexpr std::array<std::string_view, 3> kMatches{"equals", "contains", "starts_with"};

Json schema() {
  return schema_of::config(
      {{"keywords",
        schema_of::list("Keywords", "Words or short texts; upper and lower case are no difference.",
                        schema_of::text("Keyword", "A word or a short text."), {.least = 1, .most = kKeywords})},
       {"match", schema_of::with_default(
                     schema_of::choice("Match", "Whether the message is the keyword, holds it or begins so.", kMatches),
                     "equals")}},
      {"keywords"});
}

bool is_keyword(const Json& json) {
  if (!json.is_string()) return false;
  const auto characters = count_characters(trimmed(json.get_ref<const std::string&>()));
  return characters >= 1 && characters <= kKeywordCharacters;
}

std::vector<FieldError> faults(const Json& config) {
  std::vector<FieldError> faults;
  check_word(faults, config, "match", kMatches);
  const Json* keywords = find_array(config, "keywords");
  if (keywords == nullptr || keywords->empty() || keywords->size() > kKeywords) {
    faults.push_back({"keywords", "must be a list of 1 to 50 texts"});
    return faults;
  }
  for (std::size_t place = 0; place < keywords->size(); ++place) {
    if (is_keyword((*keywords)[place])) continue;
    faults.push_back({"keywords." + std::to_string(place), "must be a text of 1 to 100 characters"});
  }
  return faults;
}

}  // namespace

const NodeFamily& keyword_trigger() {
  static constexpr NodeFamily kFamily{.type = "trigger.keyword",
                                      .label = "Keyword",
                                      .says = "Starts with a message that holds one of some words.",
                                      .kind = NodeKind::Trigger,
                                      .schema = schema,
                                      .faults = faults,
                                      .handles = one_output,
                                      .plan = plan_of_trigger};
  return kFamily;
}

}  // namespace waypost::workflow
