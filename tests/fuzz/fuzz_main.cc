// The entry points that libFuzzer calls. WAYPOST_FUZZ_TARGET names the target.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/targets.h"

namespace {

const waypost::fuzz::Target* chosen = nullptr;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  const char* name = std::getenv("WAYPOST_FUZZ_TARGET");  // NOLINT(concurrency-mt-unsafe): no other thread yet
  const auto all = waypost::fuzz::targets();
  const auto found = std::ranges::find(all, std::string_view(name ? name : ""), &waypost::fuzz::Target::name);
  if (found != all.end()) {
    chosen = &*found;
    return 0;
  }
  std::fputs("WAYPOST_FUZZ_TARGET names no target; one of:", stderr);
  for (const auto& target : all)
    std::fprintf(stderr, " %.*s", static_cast<int>(target.name.size()), target.name.data());
  std::fputs("\n", stderr);
  std::exit(2);  // NOLINT(concurrency-mt-unsafe): no other thread yet
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  chosen->run({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
