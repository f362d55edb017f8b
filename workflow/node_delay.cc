// logic.delay: goes on later. {"duration"}, or {"until": "HH:MM", "weekdays"?: ["mon" …]} by the clocks of the
// workspace's zone; one output.

#include <array>

#include "workflow/config_checks.h"
#include "workflow/config_schema.h"
#include "workflow/duration.h"
#include "workflow/node_family.h"
#include "workflow/time_of_day.h"
#include "workflow/variables.h"

namespace waypost::workflow {
namespace {

constexpr std::array<std::string_view, 7> kWeekdays{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

Json schema() {
  return schema_of::config(
      {{"duration", schema_of::duration("Duration", "How long it waits; or a time of day instead.")},
       {"until",
        schema_of::text("Until", "A time of day in the workspace's time zone, as HH:MM: the next time it comes.")},
       {"weekdays", schema_of::list("Weekdays", "With until: only on these days; on any, when none is named.",
                                    schema_of::choice("Day", "A day of the week.", kWeekdays),
                                    {.least = 1, .most = kWeekdays.size()})}});
}

std::vector<FieldError> faults(const Json& config) {
  std::vector<FieldError> faults;
  const Json* until = given(config, "until");
  const bool lasts = given(config, "duration") != nullptr;
  check_duration(faults, config, "duration");
  if (!lasts && until == nullptr) faults.push_back({"duration", "is missing: either it or until"});
  if (lasts && until != nullptr) faults.push_back({"until", "stands beside duration: one of them"});
  if (until != nullptr && !is_time_of_day(text_or_empty(config, "until"))) {
    faults.push_back({"until", "must be a time of day from 00:00 to 23:59"});
  }
  check_words(faults, config, "weekdays", kWeekdays);
  if (until == nullptr && given(config, "weekdays") != nullptr) faults.push_back({"weekdays", "belongs to until"});
  return faults;
}

Weekdays weekdays_in(const Json& config) {
  Weekdays days;
  for (const auto& name : texts_in(config, "weekdays")) {
    if (const auto day = weekday_named(name)) days.set(*day);
  }
  return days;
}

std::string zone_in(const Json& scope) {
  const Json* zone = look_up(scope, "workspace.timeZone");
  return zone != nullptr && zone->is_string() ? zone->get<std::string>() : "UTC";
}

std::optional<Time> end_of(const Visit& visit) {
  if (given(visit.config, "until") == nullptr) {
    return visit.now + duration_in(visit.config, "duration", kShortestDuration);
  }
  return next_time_of_day(visit.now, text_or_empty(visit.config, "until"), weekdays_in(visit.config),
                          zone_in(visit.scope));
}

Plan plan(const Visit& visit) {
  if (std::holds_alternative<TimeUp>(visit.cause)) return {.handle = std::string(kOut)};
  const auto end = end_of(visit);
  if (!end) return {.failure = store::Complaint{.code = "no_such_time", .words = "that time of day never comes"}};
  return {.input = {{"until", iso8601(*end)}}, .wait = WaitFor{.until = *end}};
}

}  // namespace

const NodeFamily& delay_node() {
  static constexpr NodeFamily kFamily{.type = "logic.delay",
                                      .label = "Delay",
                                      .says = "Goes on after a time, or at a time of day.",
                                      .kind = NodeKind::Logic,
                                      .waits = true,
                                      .schema = schema,
                                      .faults = faults,
                                      .handles = one_output,
                                      .plan = plan};
  return kFamily;
}

}  // namespace waypost::workflow
