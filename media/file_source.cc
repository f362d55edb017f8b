#include "media/file_source.h"

#include <utility>

namespace waypost::media {
namespace {

// A hop to the disk's threads costs about as much as reading them.
constexpr std::size_t kPiece = 256 * 1024;

struct Reading {
  MediaFolder& folder;
  std::shared_ptr<OpenFile> file;
  std::uint64_t at = 0;
};

awaitable<Result<std::string>> next_of(std::shared_ptr<Reading> reading) {
  auto piece = co_await reading->folder.read(reading->file, reading->at, kPiece);
  if (piece) reading->at += piece->size();
  co_return piece;
}

}  // namespace

awaitable<Result<BodySource>> source_of(MediaFolder& folder, Digest hash) {
  auto file = co_await folder.read(hash);
  if (!file) co_return fail(std::move(file).error());
  const auto size = (*file)->size();
  auto reading = std::make_shared<Reading>(folder, *std::move(file));
  co_return BodySource{.size = size, .next = [reading = std::move(reading)] { return next_of(reading); }};
}

}  // namespace waypost::media
