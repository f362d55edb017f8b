#include "workflow/config_checks.h"

#include <algorithm>

namespace waypost::workflow {
namespace {

// "reject, hold or template"
std::string listed(std::span<const std::string_view> words) {
  std::string text;
  for (std::size_t place = 0; place < words.size(); ++place) {
    if (place > 0) text += place + 1 == words.size() ? " or " : ", ";
    text += words[place];
  }
  return text;
}

bool is_one_of(const Json& json, std::span<const std::string_view> words) {
  return json.is_string() && std::ranges::find(words, json.get_ref<const std::string&>()) != words.end();
}

}  // namespace

const Json* given(const Json& config, std::string_view key) {
  const Json* json = find(config, key);
  return json == nullptr || json->is_null() ? nullptr : json;
}

void check_words(std::vector<FieldError>& faults, const Json& config, std::string_view key,
                 std::span<const std::string_view> words) {
  const Json* list = given(config, key);
  if (list == nullptr) return;
  if (!list->is_array() || list->empty()) {
    faults.push_back({std::string(key), "must be a list of one or more of " + listed(words)});
    return;
  }
  for (std::size_t place = 0; place < list->size(); ++place) {
    if (is_one_of((*list)[place], words)) continue;
    faults.push_back({std::string(key) + "." + std::to_string(place), "must be " + listed(words)});
  }
}

void check_word(std::vector<FieldError>& faults, const Json& config, std::string_view key,
                std::span<const std::string_view> words) {
  const Json* word = given(config, key);
  if (word != nullptr && !is_one_of(*word, words)) faults.push_back({std::string(key), "must be " + listed(words)});
}

void check_text(std::vector<FieldError>& faults, const Json& config, std::string_view key) {
  const Json* text = given(config, key);
  if (text != nullptr && !text->is_string()) faults.push_back({std::string(key), "must be a text"});
}

void check_flag(std::vector<FieldError>& faults, const Json& config, std::string_view key) {
  const Json* flag = given(config, key);
  if (flag != nullptr && !flag->is_boolean()) faults.push_back({std::string(key), "must be true or false"});
}

void check_whole(std::vector<FieldError>& faults, const Json& config, std::string_view key, Range range) {
  const Json* value = given(config, key);
  if (value == nullptr) return;
  const bool is_whole = value->is_number_integer() || value->is_string();
  const auto number = is_whole ? find_integer(config, key) : std::nullopt;
  if (number && *number >= range.least && *number <= range.most) return;
  faults.push_back({std::string(key), "must be a whole number from " + std::to_string(range.least) + " to " +
                                          std::to_string(range.most)});
}

std::vector<std::string> texts_in(const Json& config, std::string_view key) {
  std::vector<std::string> texts;
  const Json* list = find_array(config, key);
  for (const auto& text : list ? *list : Json::array()) {
    if (text.is_string()) texts.push_back(text.get<std::string>());
  }
  return texts;
}

}  // namespace waypost::workflow
