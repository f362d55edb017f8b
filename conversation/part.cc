#include "conversation/part.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace waypost {
namespace {

constexpr std::string_view kMissing = "is missing";

// "" when it fits.
std::string misfit(std::size_t has, Span span, std::string_view what) {
  const auto bound = [&](std::string_view which, std::size_t limit) {
    const std::string unit = what.empty() ? "" : " " + std::string(what) + (limit == 1 ? "" : "s");
    return std::string(which) + " " + std::to_string(limit) + unit + ", has " + std::to_string(has);
  };
  if (has < span.least) return bound("at least", span.least);
  if (has > span.most) return bound("at most", span.most);
  return {};
}

std::optional<double> number_of(const Json& json) {
  if (json.is_number()) return json.get<double>();
  if (!json.is_string()) return std::nullopt;
  const auto& text = json.get_ref<const std::string&>();
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string plain(double number) {
  const auto whole = static_cast<std::int64_t>(number);
  return std::to_string(whole);
}

}  // namespace

bool Part::has(std::string_view key) const { return member(key) != nullptr; }

std::optional<std::string> Part::text(std::string_view key, Span length) const {
  return required(key) == nullptr ? std::nullopt : maybe_text(key, length);
}

std::optional<std::string> Part::maybe_text(std::string_view key, Span length) const {
  const Json* value = member(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) {
    complain(key, "must be a text");
    return std::nullopt;
  }
  const auto& text = value->get_ref<const std::string&>();
  if (auto words = misfit(count_characters(text), length, "character"); !words.empty()) {
    complain(key, std::move(words));
    return std::nullopt;
  }
  return text;
}

std::optional<std::string> Part::word(std::string_view key, Choices words) const {
  return required(key) == nullptr ? std::nullopt : maybe_word(key, words);
}

std::optional<std::string> Part::maybe_word(std::string_view key, Choices words) const {
  const Json* value = member(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) {
    const auto& given = value->get_ref<const std::string&>();
    if (std::ranges::find(words, given) != words.end()) return given;
  }
  complain(key, "must be " + listed(words));
  return std::nullopt;
}

std::optional<std::int64_t> Part::integer(std::string_view key, Bounds range) const {
  return required(key) == nullptr ? std::nullopt : maybe_integer(key, range);
}

std::optional<std::int64_t> Part::maybe_integer(std::string_view key, Bounds range) const {
  if (!has(key)) return std::nullopt;
  const auto number = find_integer(*json_, key);
  if (number && *number >= range.least && *number <= range.most) return number;
  const bool bounded = range.most != Bounds().most;
  complain(key, bounded
                    ? "must be a whole number from " + std::to_string(range.least) + " to " + std::to_string(range.most)
                    : "must be a whole number of at least " + std::to_string(range.least));
  return std::nullopt;
}

void Part::number(std::string_view key, double least, double most) const {
  const Json* value = required(key);
  if (value == nullptr) return;
  const auto number = number_of(*value);
  if (!number || !(*number >= least && *number <= most))
    complain(key, "must be a number from " + plain(least) + " to " + plain(most));
}

void Part::maybe_bool(std::string_view key) const {
  const Json* value = member(key);
  if (value != nullptr && !value->is_boolean()) complain(key, "must be true or false");
}

std::optional<Part> Part::object(std::string_view key) const {
  return required(key) == nullptr ? std::nullopt : maybe_object(key);
}

std::optional<Part> Part::maybe_object(std::string_view key) const {
  const Json* value = member(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_object()) return Part(*value, path_of(key), *faults_);
  complain(key, "must be an object");
  return std::nullopt;
}

std::vector<Part> Part::list(std::string_view key, Span count) const {
  return required(key) == nullptr ? std::vector<Part>() : maybe_list(key, count);
}

std::vector<Part> Part::maybe_list(std::string_view key, Span count) const {
  const Json* value = member(key);
  return value == nullptr ? std::vector<Part>() : Part(*value, path_of(key), *faults_).items(count);
}

std::vector<Part> Part::items(Span count) const {
  std::vector<Part> items;
  if (!json_->is_array()) {
    complain("must be a list");
    return items;
  }
  if (auto words = misfit(json_->size(), count, ""); !words.empty()) complain(std::move(words));
  for (std::size_t at = 0; at < json_->size(); ++at) {
    const Part item((*json_)[at], path_ + "[" + std::to_string(at) + "]", *faults_);
    if (item.json().is_object()) {
      items.push_back(item);
    } else {
      item.complain("must be an object");
    }
  }
  return items;
}

void Part::exactly_one(std::string_view one, std::string_view other) const {
  if (has(one) && has(other)) complain(other, "stands beside " + std::string(one) + ": exactly one of them");
  if (!has(one) && !has(other)) complain(one, "is missing: either it or " + std::string(other));
}

void Part::exactly_one(Choices keys) const {
  std::optional<std::string_view> first;
  for (const auto key : keys) {
    if (has(key) && first) complain(key, "stands beside " + std::string(*first) + ": exactly one of them");
    if (has(key) && !first) first = key;
  }
  if (!first) complain(*keys.begin(), "is missing: exactly one of " + listed(keys));
}

void Part::none(std::string_view key, std::string words) const {
  if (has(key)) complain(key, std::move(words));
}

void Part::complain(std::string_view key, std::string words) const { add_fault(path_of(key), std::move(words)); }

void Part::complain(std::string words) const { add_fault(path_, std::move(words)); }

void Part::add_fault(std::string path, std::string words) const {
  if (faults_->size() < kMostFaults) faults_->push_back({std::move(path), std::move(words)});
}

const Json* Part::member(std::string_view key) const {
  const Json* value = find(*json_, key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

const Json* Part::required(std::string_view key) const {
  const Json* value = member(key);
  if (value == nullptr) complain(key, std::string(kMissing));
  return value;
}

std::string Part::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

std::string listed(Choices words) {
  std::string text;
  for (const auto* word = words.begin(); word != words.end(); ++word) {
    if (word != words.begin()) text += word + 1 == words.end() ? " or " : ", ";
    text += *word;
  }
  return text;
}

}  // namespace waypost
