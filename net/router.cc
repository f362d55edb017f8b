#include "net/router.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/check.h"

namespace waypost {
namespace {

using Segments = std::vector<std::string>;

// "/a/{id}/" has the segments "a", "{id}" and "": a closing slash is another path.
std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto end = std::min(path.find('/'), path.size());
    segments.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return segments;
}

bool is_placeholder(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

// Nothing when an escape is malformed: such a path is nobody's.
std::optional<Segments> decoded(std::string_view path) {
  Segments segments;
  segments.reserve(8);
  for (const auto segment : split(path)) {
    auto plain = percent_decoded(segment, false);
    if (!plain) return std::nullopt;
    segments.push_back(*std::move(plain));
  }
  return segments;
}

}  // namespace

struct Router::Node {
  struct Entry {
    Route route;
    std::vector<std::pair<std::string, std::size_t>> placeholders;  // name, index of its segment
  };
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> placeholder;
  std::map<std::string, Entry, std::less<>> entries;  // by method

  Node& child(std::string_view segment) {
    auto& next = is_placeholder(segment) ? placeholder : literals[std::string(segment)];
    if (!next) next = std::make_unique<Node>();
    return *next;
  }

  const Entry* entry_for(std::string_view method) const {
    auto found = entries.find(method);
    if (found == entries.end() && method == "HEAD") found = entries.find("GET");
    return found == entries.end() ? nullptr : &found->second;
  }

  // Every node that fits the path, the most literal first.
  void collect(const Segments& segments, std::size_t at, std::vector<const Node*>& found) const {
    if (at == segments.size()) {
      if (!entries.empty()) found.push_back(this);
      return;
    }
    const auto literal = literals.find(segments[at]);
    if (literal != literals.end()) literal->second->collect(segments, at + 1, found);
    if (placeholder && !segments[at].empty()) placeholder->collect(segments, at + 1, found);
  }
};

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;

void Router::add(Route route) {
  WAYPOST_CHECK(route.pattern.starts_with('/') && (route.handler != nullptr) != (route.streamed != nullptr));
  Node* node = root_.get();
  Node::Entry entry;
  std::size_t at = 0;
  for (const auto segment : split(route.pattern)) {
    node = &node->child(segment);
    if (is_placeholder(segment)) entry.placeholders.emplace_back(segment.substr(1, segment.size() - 2), at);
    ++at;
  }
  entry.route = std::move(route);
  auto method = entry.route.method;
  const bool fresh = node->entries.emplace(std::move(method), std::move(entry)).second;
  WAYPOST_CHECK(fresh);
}

void Router::set_not_found(std::function<Response(const RequestHead&)> answer) { not_found_ = std::move(answer); }

Router::Match Router::match(std::string_view method, std::string_view path) const {
  Match match;
  auto segments = path.starts_with('/') ? decoded(path) : std::nullopt;
  if (!segments) return match;
  std::vector<const Node*> nodes;
  root_->collect(*segments, 0, nodes);
  for (const auto* node : nodes) {
    const auto* entry = node->entry_for(method);
    if (entry == nullptr) continue;
    match.route = &entry->route;
    for (const auto& [name, at] : entry->placeholders) match.params.emplace_back(name, std::move((*segments)[at]));
    return match;
  }
  for (const auto* node : nodes) {
    for (const auto& [name, entry] : node->entries) match.allow += (match.allow.empty() ? "" : ", ") + name;
  }
  return match;
}

Response Router::not_found(const RequestHead& head, const Match& match) const {
  if (!match.allow.empty()) {
    auto response = json_response(405, R"({"error":"Method not allowed"})");
    response.headers.add("Allow", match.allow);
    return response;
  }
  if (not_found_) return not_found_(head);
  return json_response(404, R"({"error":"Not found"})");
}

}  // namespace waypost
