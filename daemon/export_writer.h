// ExportWriter: writes a file that only its owner may read, beside its place, and moves it there when it is whole.
// Blocking; one thread.

#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace waypost {

class ExportWriter {
 public:
  // Makes FILE.new with mode 0600, over what an earlier attempt left there.
  static Result<std::unique_ptr<ExportWriter>> open(const std::string& path);
  ExportWriter(const ExportWriter&) = delete;
  ExportWriter& operator=(const ExportWriter&) = delete;
  // Takes FILE.new away unless it was moved.
  ~ExportWriter();

  const std::string& fresh_path() const { return fresh_; }
  Result<void> write(std::string_view text);
  // On disk, still as FILE.new.
  Result<void> sync();
  // As FILE, also after a power loss.
  Result<void> move_into_place();

 private:
  ExportWriter(std::string path, int file) : path_(std::move(path)), fresh_(path_ + ".new"), file_(file) {}

  const std::string path_;
  const std::string fresh_;
  const int file_;
  bool moved_ = false;
};

}  // namespace waypost
