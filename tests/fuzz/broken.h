// Broken: something that must hold of every input does not.

#pragma once

#include <stdexcept>
#include <string>

namespace waypost::fuzz {

class Broken : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

inline void must(bool holds, const char* what) {
  if (!holds) throw Broken(what);
}

}  // namespace waypost::fuzz
