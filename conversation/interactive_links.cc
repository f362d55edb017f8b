// cta_url, flow, voice_call: one button that leads elsewhere.

#include "conversation/interactive_rules.h"

namespace waypost {
namespace {

constexpr std::int64_t kCallMinutes = 43'200;  // Meta, "Call button messages": ttl_minutes, 30 days

void check_first_screen(const Part& parameters) {
  const auto payload = parameters.maybe_object("flow_action_payload");
  if (!payload) return;
  payload->text("screen");
  payload->maybe_object("data");
}

}  // namespace

void check_cta_url(const Part& action) {
  action.word("name", {"cta_url"});
  const auto parameters = action.object("parameters");
  if (!parameters) return;
  parameters->text("display_text", {.most = kButtonCharacters});
  const auto url = parameters->text("url");
  if (url && !url->starts_with("https://") && !url->starts_with("http://"))
    parameters->complain("url", "must be a http:// or https:// link");
}

void check_flow(const Part& action) {
  action.word("name", {"flow"});
  const auto parameters = action.object("parameters");
  if (!parameters) return;
  parameters->word("flow_message_version", {"3"});
  parameters->exactly_one("flow_id", "flow_name");
  parameters->maybe_text("flow_id");
  parameters->maybe_text("flow_name");
  parameters->text("flow_cta");
  parameters->maybe_text("flow_token");
  parameters->maybe_word("flow_action", {"navigate", "data_exchange"});
  parameters->maybe_word("mode", {"draft", "published"});
  check_first_screen(*parameters);
}

void check_voice_call(const Part& action) {
  action.word("name", {"voice_call"});
  const auto parameters = action.maybe_object("parameters");
  if (!parameters) return;
  parameters->maybe_text("display_text", {.most = kButtonCharacters});
  parameters->maybe_integer("ttl_minutes", {.least = 1, .most = kCallMinutes});
  parameters->maybe_text("payload", {.least = 0});
}

}  // namespace waypost
