#include "base/json.h"

#include "base/text.h"
#include "tests/fuzz/broken.h"
#include "tests/fuzz/targets.h"
#include "webhook/tamed.h"

namespace waypost::fuzz {
namespace {

bool is_storable(std::string_view text) { return valid_utf8(text) && text.find('\0') == std::string_view::npos; }

void check_texts(const Json& json) {
  if (json.is_string()) must(is_storable(json.get_ref<const std::string&>()), "a text can be stored");
  if (!json.is_structured()) return;
  for (const auto& [key, part] : json.items()) {
    must(is_storable(key), "a key can be stored");
    check_texts(part);
  }
}

void check(const Json& parsed) {
  check_texts(parsed);
  const auto text = dump(parsed);
  const auto again = parse_json(text);
  must(again && dump(*again) == text, "what was written is read as the same");
}

}  // namespace

void json(std::string_view input) {
  const auto tame = tamed(input);
  if (const auto parsed = parse_json(input)) {
    must(tame == input, "what is read anyway needs no taming");
    return check(*parsed);
  }
  if (const auto parsed = parse_json(tame)) check(*parsed);
}

}  // namespace waypost::fuzz
