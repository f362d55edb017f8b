// MediaFolder: where files lie, under their content's hash: <folder>/<2 hex digits>/<64 hex digits>. What comes in is
// in <folder>/drafts until it is whole. Nodes share it. Which files may go is the rows' to say (store/media_files.h).
//
// Disks block, so that everything is done on threads of its own; its coroutines are any loop's.

#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/crypto.h"
#include "base/error.h"
#include "media/draft.h"
#include "media/sniffer.h"
#include "net/asio.h"

namespace waypost::media {

// A file that is being read. It can be read to its end, also when it is deleted meanwhile.
class OpenFile {
 public:
  OpenFile(int file, std::uint64_t size) : file_(file), size_(size) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile();

  std::uint64_t size() const { return size_; }
  int descriptor() const { return file_; }

 private:
  const int file_;
  const std::uint64_t size_;
};

class MediaFolder {
 public:
  // Makes the folder, for us alone, and drops what drafts an earlier process of this node left. `node` is a name of
  // letters, digits, dots, dashes and underscores. InvalidInput when that cannot be, or types cannot be told.
  // `keep_free`: with fewer bytes free on the disk nothing more comes in.
  static Result<std::unique_ptr<MediaFolder>> open(const std::string& path, const std::string& node,
                                                   std::uint64_t keep_free = 0);
  MediaFolder(const MediaFolder&) = delete;
  MediaFolder& operator=(const MediaFolder&) = delete;
  // Joins the threads. No coroutine may wait for them any more.
  ~MediaFolder();

  // Unavailable when the disk does not take it.
  awaitable<Result<std::shared_ptr<Draft>>> begin();
  awaitable<Result<void>> append(std::shared_ptr<Draft> draft, std::string bytes);
  struct Arrived {
    Digest hash{};
    std::uint64_t size = 0;
    std::string sniffed{};
  };
  awaitable<Result<Arrived>> finish(std::shared_ptr<Draft> draft);
  awaitable<Result<void>> keep(std::shared_ptr<Draft> draft, Digest hash);

  // NotFound when there is none.
  awaitable<Result<std::shared_ptr<OpenFile>>> read(Digest hash);
  // `size` bytes from `offset` on, or fewer at the file's end.
  awaitable<Result<std::string>> read(std::shared_ptr<OpenFile> file, std::uint64_t offset, std::size_t size);

  // Threads that may block. One that is not there is removed as well.
  Result<void> remove(const Digest& hash) const;
  // Drafts of whatever node that nobody has written to for so long: their nodes are gone.
  void drop_abandoned(std::chrono::seconds untouched) const;

 private:
  struct Threads;
  struct Kept {
    std::string path{};
    std::string node{};
    std::uint64_t free = 0;
  };
  MediaFolder(Kept kept, std::unique_ptr<Sniffer> sniffer);
  std::string folder_of(const Digest& hash) const;
  std::string path_of(const Digest& hash) const;
  std::string draft_path() const;

  const Kept kept_;
  const std::unique_ptr<Sniffer> sniffer_;
  const std::unique_ptr<Threads> threads_;
};

}  // namespace waypost::media
