// Mutants: bodies in which one part after the other is of every wrong shape, or gone. Test thread only.

#pragma once

#include <functional>
#include <string>

#include "base/json.h"

namespace waypost::test {

struct Mutant {
  Json body{};
  std::string where{};  // the JSON pointer of the part: "/entry/0/changes/0/value"
  std::string what{};   // what it became: "null", "gone" …
};

using TakeMutant = std::function<void(const Mutant&)>;
using IsWanted = std::function<bool(const std::string& where)>;

// Each part of the body below its root that is wanted, in turn: eleven mutants.
void for_each_mutant(const Json& body, const IsWanted& is_wanted, const TakeMutant& take);

}  // namespace waypost::test
