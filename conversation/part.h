// Part: a piece of the JSON of a send, read member by member as Meta's rules have it. What breaks a rule is collected
// with the member's path and the rule, so that one answer names every fault:
//
//   interactive.action.buttons[1].reply.title   at most 20 characters, has 31
//
// Members that no rule asks for are passed over: Meta adds some every month. null counts as not there. One request's;
// its own thread.

#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace waypost {

using PartFaults = std::vector<FieldError>;
// More are not told: a list of nothing but faults would make an answer many times its size.
inline constexpr std::size_t kMostFaults = 100;

// Of a text in Unicode scalars; of a list in items.
struct Span {
  std::size_t least = 1;
  std::size_t most = std::numeric_limits<std::size_t>::max();
};
struct Bounds {
  std::int64_t least = 0;
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
};
using Choices = std::initializer_list<std::string_view>;

class Part {
 public:
  // Both outlive the part.
  Part(const Json& json, std::string path, PartFaults& faults)
      : json_(&json), path_(std::move(path)), faults_(&faults) {}

  const Json& json() const { return *json_; }
  bool has(std::string_view key) const;

  // A fault when it is missing, of another type, or breaks the rule: then nothing. The maybe_ ones may be missing.
  std::optional<std::string> text(std::string_view key, Span length = {}) const;
  std::optional<std::string> maybe_text(std::string_view key, Span length = {}) const;
  std::optional<std::string> word(std::string_view key, Choices words) const;
  std::optional<std::string> maybe_word(std::string_view key, Choices words) const;
  // A number without fraction, or a text that is one.
  std::optional<std::int64_t> integer(std::string_view key, Bounds range) const;
  std::optional<std::int64_t> maybe_integer(std::string_view key, Bounds range) const;
  // A number, or a text that is one.
  void number(std::string_view key, double least, double most) const;
  void maybe_bool(std::string_view key) const;
  std::optional<Part> object(std::string_view key) const;
  std::optional<Part> maybe_object(std::string_view key) const;
  // The objects of a list; a fault for each item that is none.
  std::vector<Part> list(std::string_view key, Span count = {}) const;
  std::vector<Part> maybe_list(std::string_view key, Span count = {}) const;
  std::vector<Part> items(Span count) const;  // the part itself is the list

  void exactly_one(std::string_view one, std::string_view other) const;
  void exactly_one(Choices keys) const;
  // A fault when it is there.
  void none(std::string_view key, std::string words) const;
  void complain(std::string_view key, std::string words) const;
  void complain(std::string words) const;  // about the part itself

 private:
  void add_fault(std::string path, std::string words) const;
  const Json* member(std::string_view key) const;
  const Json* required(std::string_view key) const;
  std::string path_of(std::string_view key) const;

  const Json* json_;
  std::string path_;
  PartFaults* faults_;
};

// "image, video or document"
std::string listed(Choices words);

}  // namespace waypost
