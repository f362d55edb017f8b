#include "conversation/template_faults.h"

#include <algorithm>

#include "base/text.h"

namespace waypost {
namespace {

bool is_variable_name(std::string_view name) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  const bool begins = !name.empty() && !(name.front() >= '0' && name.front() <= '9');
  return begins && std::ranges::all_of(name, fits);
}

bool counts_up(const std::vector<std::string>& names) {
  for (std::size_t at = 0; at < names.size(); ++at) {
    if (std::ranges::find(names, std::to_string(at + 1)) == names.end()) return false;
  }
  return true;
}

}  // namespace

std::string TemplateFaults::below(std::string_view path) const {
  if (base_.empty() || path.empty()) return base_ + std::string(path);
  return base_ + "." + std::string(path);
}

void TemplateFaults::add(std::string_view path, std::string words) { list_.push_back({below(path), std::move(words)}); }

void TemplateFaults::check_length(std::string_view path, std::string_view text, std::size_t most) {
  if (trimmed(text).empty()) return add(path, "String must contain at least 1 character(s)");
  if (count_characters(text) > most) add(path, "String must contain at most " + std::to_string(most) + " character(s)");
}

void TemplateFaults::check_variables(std::string_view path, const std::vector<std::string>& names,
                                     std::string_view format) {
  if (format == "NAMED") {
    if (!std::ranges::all_of(names, is_variable_name))
      add(path, "Variables of a NAMED template are of a-z, 0-9 and _, such as {{first_name}}");
  } else if (!counts_up(names)) {
    add(path, "Variables of a POSITIONAL template are {{1}}, {{2}} … without a gap");
  }
}

}  // namespace waypost
