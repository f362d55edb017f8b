// RedisTrouble: why a Redis that is connected does not do what it is asked: its last answer of the kind that passes
// (out of memory, a script in its way). Pure, turned by the caller's clock. Loop only.

#pragma once

#include <chrono>
#include <map>
#include <string>

namespace waypost {

class RedisTrouble {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  // Redis refused `what`: a command's name, or a script's.
  void refused(const std::string& what, const std::string& words, Instant now);
  // Redis did `what`. Ends a trouble with the same; one with something else only when that was not refused for ten
  // seconds, because a Redis that takes no writes goes on reading.
  void done(const std::string& what, Instant now);
  void forget() { words_.clear(); }

  // Empty when there is none.
  const std::string& words() const { return words_; }

 private:
  std::string words_;
  std::string what_;
  Instant last_{};
};

// Lets each reason be said once a minute. Loop only.
class Rarely {
 public:
  bool may_say(const std::string& reason, std::chrono::steady_clock::time_point now);

 private:
  std::map<std::string, std::chrono::steady_clock::time_point> said_;  // within the last minute
};

}  // namespace waypost
