// TemplateFaults: complaints about a template, each below the path of what is being looked at. Pure; one thread.

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace waypost {

class TemplateFaults {
 public:
  // `path` below the present one; "" for that one itself.
  void add(std::string_view path, std::string words);
  // 1 to `most` characters.
  void check_length(std::string_view path, std::string_view text, std::size_t most);
  // POSITIONAL: 1, 2, 3 … without a gap; NAMED: a-z, 0-9 and _.
  void check_variables(std::string_view path, const std::vector<std::string>& names, std::string_view format);

  // What `look` adds stands below `path`.
  template <class Look>
  void at(std::string_view path, Look look) {
    const std::string above = std::exchange(base_, below(path));
    look();
    base_ = above;
  }

  std::vector<FieldError> list() && { return std::move(list_); }

 private:
  std::string below(std::string_view path) const;

  std::string base_;
  std::vector<FieldError> list_;
};

}  // namespace waypost
