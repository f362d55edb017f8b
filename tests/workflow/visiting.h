// Nodes planned by hand: a family, its configuration, and why it is planned. Test thread only.

#pragma once

#include <string>
#include <vector>

#include "workflow/node_family.h"

namespace waypost::test {

using Faults = std::vector<FieldError>;
using Handles = std::vector<std::string>;

inline const Time kVisited = *parse_iso8601("2026-11-23T10:00:00Z");  // a Monday

inline const Json& scope() {
  static const Json kScope{
      {"contact", {{"name", "Ana"}, {"tags", {"vip"}}, {"fields", {{"city", "Porto"}, {"age", 41}}}}},
      {"conversation", {{"id", "c-1"}, {"fields", Json::object()}}},
      {"message", {{"id", "m-1"}, {"type", "text"}, {"text", "Menu"}}},
      {"timestamp", "2026-11-23T10:00:00.000Z"},
      {"workspace", {{"timeZone", "Europe/Lisbon"}}}};
  return kScope;
}

inline Json parsed(const char* text) { return Json::parse(text); }

inline workflow::Plan planned(const workflow::NodeFamily& family, const Json& config, const Json& scope,
                              const workflow::Cause& cause = workflow::kEntered, const Json& memo = workflow::kNoMemo) {
  return family.plan({.config = config, .scope = scope, .now = kVisited, .node = "n-1", .cause = cause, .memo = memo});
}

inline workflow::Cause written(const char* text) {
  return workflow::Reply{{{"type", "text"}, {"text", text}, {"choice", nullptr}, {"content", Json::object()}}};
}
inline workflow::Cause pressed(const char* id, const char* title) {
  return workflow::Reply{
      {{"type", "button"}, {"text", title}, {"choice", {{"id", id}, {"title", title}}}, {"content", Json::object()}}};
}

template <class Effect>
const Effect& effect(const workflow::Plan& plan, std::size_t place = 0) {
  return std::get<Effect>(plan.effects.at(place));
}
inline const workflow::SendEffect& sent(const workflow::Plan& plan, std::size_t place = 0) {
  return effect<workflow::SendEffect>(plan, place);
}

}  // namespace waypost::test
