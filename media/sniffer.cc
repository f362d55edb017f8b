#include "media/sniffer.h"

#include <magic.h>

#include <utility>

namespace waypost::media {
namespace {

// What is inside archives and programs is nobody's business here, and the most of libmagic's code that reads strangers'
// bytes.
constexpr int kFlags = MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_TAR | MAGIC_NO_CHECK_ELF;
constexpr const char* kUnknown = "application/octet-stream";

}  // namespace

struct Sniffer::Library {
  magic_t magic = magic_open(kFlags);
  Library() = default;
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library() {
    if (magic != nullptr) magic_close(magic);
  }
};

Sniffer::Sniffer(std::unique_ptr<Library> library) : library_(std::move(library)) {}
Sniffer::~Sniffer() = default;

Result<std::unique_ptr<Sniffer>> Sniffer::open() {
  auto library = std::make_unique<Library>();
  if (library->magic == nullptr || magic_load(library->magic, nullptr) != 0)
    return fail(ErrorKind::InvalidInput, "the database of file types is missing: install libmagic-mgc (Debian)");
  return std::unique_ptr<Sniffer>(new Sniffer(std::move(library)));
}

std::string Sniffer::type_of(std::string_view beginning) {
  const std::scoped_lock lock(mutex_);
  const char* type = magic_buffer(library_->magic, beginning.data(), beginning.size());
  return type == nullptr ? kUnknown : type;
}

}  // namespace waypost::media
