// Targets: what outsiders' bytes reach and what workflows are written in, each with what must hold of any input. The
// fuzzer (scripts/fuzz) looks for inputs that break it; tests/fuzz/replay_test.cc holds those that once did, and every
// payload file, to it. Any thread.

#pragma once

#include <span>
#include <string_view>

namespace waypost::fuzz {

struct Target {
  std::string_view name{};
  void (*run)(std::string_view input) = nullptr;  // throws Broken when something does not hold
};
std::span<const Target> targets();

void envelope(std::string_view input);      // read_payload: nothing vanishes, slices are read again
void signature(std::string_view input);     // the header: accepted only as Meta writes it
void skimmed(std::string_view input);       // skim: what it sees is what reading finds
void json(std::string_view input);          // parse_json and tamed: what comes out can be stored
void message(std::string_view input);       // readers of one message: kind, text, sender, mark, window
void news(std::string_view input);          // readers of account news
void status_words(std::string_view input);  // readers of one status
void expression(std::string_view input);    // variables in texts and JSON: bounded, the same each time, never code

}  // namespace waypost::fuzz
