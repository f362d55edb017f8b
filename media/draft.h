// Draft: a file that is coming in, under a name of its own until it is whole: hashed as it is written, and put in its
// place in one step. One thread at a time, which may block.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/crypto.h"
#include "base/error.h"

namespace waypost::media {

class Draft {
 public:
  // `path` is nobody else's.
  explicit Draft(std::string path) : path_(std::move(path)) {}
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  // What was not kept is gone.
  ~Draft();

  // Unavailable when the disk does not take it; then nothing more is written.
  Result<void> open();
  Result<void> append(std::string_view bytes);

  // What has come. Once, behind the last append().
  struct Whole {
    Digest hash{};
    std::uint64_t size = 0;
    std::string beginning{};  // the first bytes, at most Sniffer::kWanted
  };
  Result<Whole> finish();
  // On disk, whatever happens to the machine, when it returns; over a file of that name, which has the same bytes.
  Result<void> keep(const std::string& folder, const std::string& name);

 private:
  Result<void> failed(std::string_view doing) const;

  const std::string path_;
  int file_ = -1;
  Sha256 digest_;
  std::uint64_t size_ = 0;
  std::string beginning_;
};

}  // namespace waypost::media
