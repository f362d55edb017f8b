// Sniffer: says what a file is by its bytes, over libmagic and its database (Debian: libmagic-mgc). Any thread.

#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/error.h"

namespace waypost::media {

class Sniffer {
 public:
  // As much of a file's beginning as it wants to see.
  static constexpr std::size_t kWanted = 1 << 20;

  // InvalidInput without the database.
  static Result<std::unique_ptr<Sniffer>> open();
  Sniffer(const Sniffer&) = delete;
  Sniffer& operator=(const Sniffer&) = delete;
  ~Sniffer();

  // "image/jpeg", in libmagic's words (conversation/media_type.h makes them ours); application/octet-stream for what
  // it does not know.
  std::string type_of(std::string_view beginning);

 private:
  struct Library;
  explicit Sniffer(std::unique_ptr<Library> library);

  std::mutex mutex_;
  std::unique_ptr<Library> library_;  // under the mutex: libmagic has no threads
};

}  // namespace waypost::media
