// wa.wait_for_reply: the run stands still until the customer writes. {"timeout"?, "accept"?: kinds of replies}; outputs
// "out", "timeout", and with `accept` "other" for a reply of another kind.

#include <algorithm>

#include "workflow/config_checks.h"
#include "workflow/config_schema.h"
#include "workflow/duration.h"
#include "workflow/node_family.h"
#include "workflow/reply.h"

namespace waypost::workflow {
namespace {

constexpr std::chrono::hours kTimeToAnswer{24};

Json schema() {
  return schema_of::config(
      {{"timeout", schema_of::duration("Time to answer", "How long it waits; 24 hours when none is given.")},
       {"accept",
        schema_of::list("Accepted replies", "Other replies leave by the output other; all, when none is named.",
                        schema_of::choice("Kind", "A kind of reply.", reply_kinds()), {.least = 1})}});
}

std::vector<FieldError> faults(const Json& config) {
  std::vector<FieldError> faults;
  check_duration(faults, config, "timeout");
  check_words(faults, config, "accept", reply_kinds());
  return faults;
}

std::vector<std::string> handles(const Json& config) {
  std::vector<std::string> handles{std::string(kOut), std::string(kTimeout)};
  if (given(config, "accept") != nullptr) handles.emplace_back(kOther);
  return handles;
}

bool is_accepted(const Json& config, const Json& reply) {
  if (given(config, "accept") == nullptr) return true;
  const auto kinds = texts_in(config, "accept");
  return std::ranges::find(kinds, text_or_empty(reply, "type")) != kinds.end();
}

Plan answered(const Visit& visit, const Json& reply) {
  Plan plan{.handle = std::string(is_accepted(visit.config, reply) ? kOut : kOther)};
  plan.output = reply_variables(reply);
  plan.variables = {{"reply", plan.output}};
  return plan;
}

Plan entered(const Visit& visit) {
  const auto until = visit.now + duration_in(visit.config, "timeout", kTimeToAnswer);
  return {.input = {{"until", iso8601(until)}}, .wait = WaitFor{.reply = true, .until = until}};
}

Plan plan(const Visit& visit) {
  if (const auto* reply = std::get_if<Reply>(&visit.cause)) return answered(visit, reply->message);
  if (std::holds_alternative<TimeUp>(visit.cause)) return {.handle = std::string(kTimeout)};
  return entered(visit);
}

}  // namespace

const NodeFamily& wait_for_reply_node() {
  static constexpr NodeFamily kFamily{.type = "wa.wait_for_reply",
                                      .label = "Wait for a reply",
                                      .says = "Waits until the customer writes, or a time is over.",
                                      .kind = NodeKind::Message,
                                      .waits = true,
                                      .schema = schema,
                                      .faults = faults,
                                      .handles = handles,
                                      .plan = plan};
  return kFamily;
}

}  // namespace waypost::workflow
