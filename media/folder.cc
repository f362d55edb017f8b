#include "media/folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "net/on_pool.h"

namespace waypost::media {
namespace {

namespace fs = std::filesystem;

constexpr int kThreads = 4;
constexpr const char* kDrafts = "/drafts";
constexpr std::size_t kTokenBytes = 12;

std::error_code last_error() { return {errno, std::generic_category()}; }

Result<void> make_own_folder(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (!error) fs::permissions(path, fs::perms::owner_all, error);
  if (!error && ::access(path.c_str(), R_OK | W_OK | X_OK) != 0) error = last_error();
  if (error) return fail(ErrorKind::InvalidInput, "media.folder " + path + " cannot be used: " + error.message());
  return {};
}

Result<void> check_room(const std::string& path, std::uint64_t keep_free) {
  if (keep_free == 0) return {};
  std::error_code error;
  const auto space = fs::space(path, error);
  if (error || space.available >= keep_free) return {};
  return fail(ErrorKind::Unavailable, "the media folder's disk is nearly full (media.keep_free_bytes)");
}

void drop_drafts_of(const std::string& folder, const std::string& node) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().filename().string().starts_with(node + "~")) fs::remove(entry.path(), error);
  }
}

Result<std::shared_ptr<OpenFile>> open_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) {
    const bool missing = errno == ENOENT;
    return fail(missing ? ErrorKind::NotFound : ErrorKind::Unavailable,
                "opening a file of the media folder: " + last_error().message());
  }
  struct stat about{};
  if (::fstat(file, &about) != 0) {
    const auto error = last_error();
    ::close(file);
    return fail(ErrorKind::Unavailable, "looking at a file of the media folder: " + error.message());
  }
  return std::make_shared<OpenFile>(file, static_cast<std::uint64_t>(about.st_size));
}

Result<std::string> read_part(const OpenFile& file, std::uint64_t offset, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    const auto got = ::pread(file.descriptor(), bytes.data() + have, size - have, static_cast<off_t>(offset + have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(ErrorKind::Unavailable, "reading a file of the media folder: " + last_error().message());
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

}  // namespace

OpenFile::~OpenFile() { ::close(file_); }

struct MediaFolder::Threads {
  asio::thread_pool pool{kThreads};
};

MediaFolder::MediaFolder(Kept kept, std::unique_ptr<Sniffer> sniffer)
    : kept_(std::move(kept)), sniffer_(std::move(sniffer)), threads_(std::make_unique<Threads>()) {}

MediaFolder::~MediaFolder() { threads_->pool.join(); }

Result<std::unique_ptr<MediaFolder>> MediaFolder::open(const std::string& path, const std::string& node,
                                                       std::uint64_t keep_free) {
  for (const auto& folder : {path, path + kDrafts}) {
    if (auto made = make_own_folder(folder); !made) return fail(std::move(made).error());
  }
  drop_drafts_of(path + kDrafts, node);
  auto sniffer = Sniffer::open();
  if (!sniffer) return fail(std::move(sniffer).error());
  return std::unique_ptr<MediaFolder>(
      new MediaFolder({.path = path, .node = node, .free = keep_free}, *std::move(sniffer)));
}

awaitable<Result<std::shared_ptr<Draft>>> MediaFolder::begin() {
  auto draft = std::make_shared<Draft>(draft_path());
  auto opened = co_await on_pool(threads_->pool, [this, draft]() -> Result<void> {
    if (auto room = check_room(kept_.path, kept_.free); !room) return room;
    return draft->open();
  });
  if (!opened) co_return fail(std::move(opened).error());
  co_return draft;
}

awaitable<Result<void>> MediaFolder::append(std::shared_ptr<Draft> draft, std::string bytes) {
  co_return co_await on_pool(threads_->pool,
                             [draft = std::move(draft), bytes = std::move(bytes)] { return draft->append(bytes); });
}

awaitable<Result<MediaFolder::Arrived>> MediaFolder::finish(std::shared_ptr<Draft> draft) {
  co_return co_await on_pool(threads_->pool, [this, draft = std::move(draft)]() -> Result<Arrived> {
    const auto whole = draft->finish();
    if (!whole) return fail(whole.error());
    return Arrived{.hash = whole->hash, .size = whole->size, .sniffed = sniffer_->type_of(whole->beginning)};
  });
}

awaitable<Result<void>> MediaFolder::keep(std::shared_ptr<Draft> draft, Digest hash) {
  co_return co_await on_pool(threads_->pool, [draft = std::move(draft), folder = folder_of(hash), name = hex(hash)] {
    return draft->keep(folder, name);
  });
}

awaitable<Result<std::shared_ptr<OpenFile>>> MediaFolder::read(Digest hash) {
  co_return co_await on_pool(threads_->pool, [path = path_of(hash)] { return open_file(path); });
}

awaitable<Result<std::string>> MediaFolder::read(std::shared_ptr<OpenFile> file, std::uint64_t offset,
                                                 std::size_t size) {
  co_return co_await on_pool(threads_->pool,
                             [file = std::move(file), offset, size] { return read_part(*file, offset, size); });
}

Result<void> MediaFolder::remove(const Digest& hash) const {
  if (::unlink(path_of(hash).c_str()) == 0 || errno == ENOENT) return {};
  return fail(ErrorKind::Unavailable, "deleting a file of the media folder: " + last_error().message());
}

void MediaFolder::drop_abandoned(std::chrono::seconds untouched) const {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(kept_.path + kDrafts, error)) {
    const auto written = entry.last_write_time(error);
    if (!error && fs::file_time_type::clock::now() - written > untouched) fs::remove(entry.path(), error);
  }
}

std::string MediaFolder::folder_of(const Digest& hash) const { return kept_.path + "/" + hex(hash).substr(0, 2); }

std::string MediaFolder::path_of(const Digest& hash) const { return folder_of(hash) + "/" + hex(hash); }

std::string MediaFolder::draft_path() const {
  return kept_.path + kDrafts + "/" + kept_.node + "~" + random_token(kTokenBytes);
}

}  // namespace waypost::media
