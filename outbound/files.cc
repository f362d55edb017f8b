#include "outbound/files.h"

#include <algorithm>
#include <chrono>

namespace waypost {
namespace {

constexpr std::chrono::hours kFresh{1};

}  // namespace

const store::SendFile* first_to_bring(const std::vector<store::SendFile>& files) {
  const auto found = std::ranges::find_if(files, [](const store::SendFile& file) { return !file.at_meta; });
  return found == files.end() ? nullptr : &*found;
}

std::map<std::string, std::string> ids_of_meta(const std::vector<store::SendFile>& files) {
  std::map<std::string, std::string> ids;
  for (const auto& file : files) {
    if (file.at_meta) ids.emplace(file.named, file.at_meta->meta_id);
  }
  return ids;
}

bool may_be_lost(const std::vector<store::SendFile>& files, const store::Message& begun) {
  const Time tried = begun.attempt_at.value_or(begun.updated_at);
  return std::ranges::any_of(files, [&](const store::SendFile& file) {
    return file.at_meta && (file.at_meta->uploaded_at < begun.created_at || file.at_meta->uploaded_at < tried - kFresh);
  });
}

}  // namespace waypost
