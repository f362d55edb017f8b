#include "workflow/run_state.h"

namespace waypost::workflow {
namespace {

Json object_in(const Json& json, std::string_view key) {
  const Json* found = find_object(json, key);
  return found ? *found : Json::object();
}

Stop read_stop(const Json& json) {
  return {.step = find_integer(json, "step").value_or(0),
          .reply = find_bool(json, "reply").value_or(false),
          .call = find_bool(json, "call").value_or(false),
          .asked = find_bool(json, "asked").value_or(false),
          .attempt = find_integer(json, "attempt").value_or(1),
          .ask = object_in(json, "ask"),
          .memo = object_in(json, "memo")};
}

Json stop_json(const Stop& stop) {
  Json json{{"step", stop.step}};
  if (stop.reply) json["reply"] = true;
  if (stop.call) json.update({{"call", true}, {"asked", stop.asked}, {"attempt", stop.attempt}, {"ask", stop.ask}});
  if (!stop.memo.empty()) json["memo"] = stop.memo;
  return json;
}

}  // namespace

RunState read_state(const Json& json) {
  RunState state{.variables = object_in(json, "variables"), .outputs = object_in(json, "outputs")};
  if (const Json* trigger = find(json, "trigger")) state.trigger = *trigger;
  if (const Json* stop = find_object(json, "stop")) state.stop = read_stop(*stop);
  return state;
}

Json to_json(const RunState& state) {
  Json json = Json::object();
  if (!state.variables.empty()) json["variables"] = state.variables;
  if (!state.outputs.empty()) json["outputs"] = state.outputs;
  if (!state.trigger.is_null()) json["trigger"] = state.trigger;
  if (state.stop) json["stop"] = stop_json(*state.stop);
  return json;
}

}  // namespace waypost::workflow
