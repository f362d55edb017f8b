// logic.rate_limit: so many a window go on by "allowed", the others by "limited". {"maxCount", "window"? or
// "windowSeconds"?, "per"?: contact | workspace}.

#include <array>

#include "workflow/config_checks.h"
#include "workflow/config_schema.h"
#include "workflow/duration.h"
#include "workflow/node_family.h"
#include "workflow/rate_limit.h"

namespace waypost::workflow {
namespace {

constexpr std::string_view kAllowed = "allowed";
constexpr std::string_view kLimited = "limited";
constexpr std::int64_t kMostCount = 1'000'000;
constexpr std::array<std::string_view, 2> kOwners{"contact", "workspace"};

Json schema() {
  return schema_of::config(
      {{"maxCount",
        schema_of::whole("At most", "How often it may be passed in a window.", {.least = 1, .most = kMostCount})},
       {"window", schema_of::duration("Window", "The time that is counted over; an hour when none is given.")},
       {"windowSeconds", schema_of::duration("Window in seconds", "The same as a number; one of the two.")},
       {"per", schema_of::with_default(
                   schema_of::choice("Counted for", "Each contact alone, or all of the workspace together.", kOwners),
                   "contact")}},
      {"maxCount"});
}

std::vector<FieldError> faults(const Json& config) {
  std::vector<FieldError> faults;
  const Json* most = given(config, "maxCount");
  const bool is_count = most != nullptr && most->is_number_integer();
  if (!is_count || most->get<std::int64_t>() < 1 || most->get<std::int64_t>() > kMostCount) {
    faults.push_back({"maxCount", "must be a whole number from 1 to 1000000"});
  }
  check_duration(faults, config, "window");
  check_duration(faults, config, "windowSeconds");
  if (given(config, "window") != nullptr && given(config, "windowSeconds") != nullptr) {
    faults.push_back({"windowSeconds", "stands beside window: one of them"});
  }
  check_word(faults, config, "per", kOwners);
  return faults;
}

std::vector<std::string> handles(const Json&) { return {std::string(kAllowed), std::string(kLimited)}; }

Plan plan(const Visit& visit) {
  const auto limit = rate_limit_in(visit.config);
  const bool is_allowed = visit.counted < limit.most;
  Plan plan{.handle = std::string(is_allowed ? kAllowed : kLimited)};
  plan.input = {{"maxCount", limit.most}, {"windowSeconds", limit.window.count()}};
  plan.output = {{"count", visit.counted + (is_allowed ? 1 : 0)}};
  if (is_allowed) {
    plan.effects.emplace_back(
        CountEffect{.node = std::string(visit.node), .per_contact = limit.per_contact, .window = limit.window});
  }
  return plan;
}

}  // namespace

const NodeFamily& rate_limit_node() {
  static constexpr NodeFamily kFamily{.type = "logic.rate_limit",
                                      .label = "Rate limit",
                                      .says = "Lets only so many through in a time.",
                                      .kind = NodeKind::Logic,
                                      .schema = schema,
                                      .faults = faults,
                                      .handles = handles,
                                      .plan = plan};
  return kFamily;
}

}  // namespace waypost::workflow
