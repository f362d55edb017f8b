// RunState: what a run remembers between two commits, as JSON in run.state. Pure; any thread.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/json.h"

namespace waypost::workflow {

// A run whose state would be larger ends with state_too_large.
inline constexpr std::size_t kStateBytes = 256 << 10;

// Where the run stands still, at the node of run.position.
struct Stop {
  std::int64_t step = 0;  // its open step's number
  bool reply = false;     // the customer's next message ends it
  bool call = false;      // a call to outside does
  bool asked = false;     // of a call: this attempt is under way
  std::int64_t attempt = 1;
  Json ask = Json::object();   // of a call: what is asked (call_json.h)
  Json memo = Json::object();  // the node's own, for its next plan
};

struct RunState {
  Json variables = Json::object();  // {"router": {…}, "reply": {…}}: what nodes gave, by their roots
  Json outputs = Json::object();    // of the nodes whose output some later text reads, by their ids
  Json trigger{};                   // what the API call that started the run brought; null: a message did
  std::optional<Stop> stop{};
};

// Never fails: what is missing or of another type is as in a new run.
RunState read_state(const Json& json);
Json to_json(const RunState& state);

}  // namespace waypost::workflow
