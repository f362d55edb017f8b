#include "tests/webhook/mutants.h"

#include <vector>

namespace waypost::test {
namespace {

using Pointer = Json::json_pointer;

const std::vector<Json>& wrong_values() {
  static const std::vector<Json> values{
      nullptr, true, 0, -1, 1e30, "", "x", Json::array(), Json::object(), Json::array({Json::array()})};
  return values;
}

void list_parts(const Json& part, const Pointer& at, std::vector<Pointer>& found) {
  for (const auto& [key, inner] : part.items()) {
    const auto pointer = part.is_array() ? at / std::stoul(key) : at / key;
    found.push_back(pointer);
    if (inner.is_structured()) list_parts(inner, pointer, found);
  }
}

void remove(Json& body, const Pointer& at) {
  Json& parent = body[at.parent_pointer()];
  if (parent.is_array()) {
    parent.erase(std::stoul(at.back()));
  } else {
    parent.erase(at.back());
  }
}

}  // namespace

void for_each_mutant(const Json& body, const IsWanted& is_wanted, const TakeMutant& take) {
  std::vector<Pointer> parts;
  if (body.is_structured()) list_parts(body, Pointer(), parts);
  for (const auto& at : parts) {
    if (!is_wanted(at.to_string())) continue;
    Mutant mutant{.body = body, .where = at.to_string()};
    for (const auto& wrong : wrong_values()) {
      mutant.body[at] = wrong;
      mutant.what = dump(wrong);
      take(mutant);
    }
    remove(mutant.body, at);
    mutant.what = "gone";
    take(mutant);
  }
}

}  // namespace waypost::test
