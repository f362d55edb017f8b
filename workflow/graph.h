// Graph: a workflow's nodes and edges as the builder draws them, read from JSON. Pure; any thread.
//
//   {"nodes": [{"id", "type", "position", "data" or "config": {…}}],
//    "edges": [{"id"?, "source", "target", "sourceHandle"?, "targetHandle"?}],
//    "entry": "<node's id>"}

#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace waypost::workflow {

inline constexpr std::size_t kDraftBytes = 1 << 20;
inline constexpr std::size_t kDraftNodes = 500;
inline constexpr std::size_t kDraftEdges = 2'000;

// The one output of a node that does not branch, and the one input of every node but a trigger; an edge may leave both
// out.
inline constexpr std::string_view kOut = "out";
inline constexpr std::string_view kIn = "in";

struct Node {
  std::string id{};
  std::string type{};
  std::string config_key = "data";  // where the configuration was found
  Json config = Json::object();
};

struct Edge {
  std::string id{};  // of the builder; empty: not said
  std::string source{};
  std::string source_handle{};  // empty: not said
  std::string target{};
  std::string target_handle{};

  // The output that it leaves by: kOut where none is said.
  [[nodiscard]] std::string_view output() const {
    return source_handle.empty() ? kOut : std::string_view(source_handle);
  }
};

struct Graph {
  std::vector<Node> nodes{};  // in the JSON's order, also those that are wrong
  std::vector<Edge> edges{};
  std::string entry{};
  std::set<std::string> kept_outputs{};  // nodes whose output some text refers to, as steps.<id>
  bool counts = false;                   // has a logic.rate_limit

  // Made by read_graph(): places in `nodes` by id, and in `edges` by source and output; of equal ones the first first.
  std::vector<std::size_t> nodes_by_id{};
  std::vector<std::size_t> edges_by_output{};

  // Looked up for each step of a run: by search in the two above.
  [[nodiscard]] const Node* find(std::string_view id) const;
  // The node behind that output; nothing: the path ends there.
  [[nodiscard]] std::optional<std::string> next(std::string_view node, std::string_view handle) const;
};

// Never fails: what is missing or of another type is empty. `config` wins over `data`.
Graph read_graph(const Json& json);

// What keeps a draft from being kept: its shape and its size. Empty: nothing. Paths begin with "draftGraph".
std::vector<FieldError> draft_faults(const Json& json);

}  // namespace waypost::workflow
