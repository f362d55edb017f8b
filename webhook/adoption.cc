#include "webhook/adoption.h"

#include <algorithm>
#include <filesystem>
#include <thread>
#include <utility>

#include "base/log.h"
#include "journal/folder.h"
#include "store/cursors.h"

namespace waypost {
namespace {

namespace files = std::filesystem;

// A folder without day files is none: opening it would make a journal there.
Result<void> must_be_journal(const std::string& folder) {
  std::error_code error;
  for (const auto& entry : files::directory_iterator(folder, error)) {
    if (parse_day_file_name(entry.path().filename().string())) return {};
  }
  if (error) return fail(ErrorKind::NotFound, folder + ": " + error.message());
  return fail(ErrorKind::NotFound, folder + " holds no journal: name the folder with its *.journal files");
}

Error in_words(const std::string& folder, Error error) {
  if (error.kind() != ErrorKind::Conflict || error.code() == kAdopted) return error;
  return {ErrorKind::Conflict,
          folder + " is in use: its waypostd still runs and applies it by itself, or it is being adopted"};
}

}  // namespace

Result<std::unique_ptr<Adoption>> Adoption::begin(const std::string& folder, const AdoptionParts& parts) {
  if (auto there = must_be_journal(folder); !there) return fail(std::move(there.error()));
  auto journal = Journal::open({.folder = folder}, parts.clock);
  if (!journal) return fail(in_words(folder, std::move(journal.error())));
  std::unique_ptr<Adoption> made(new Adoption(folder, parts, *std::move(journal)));
  if (auto started = made->applier_->start(); !started) return fail(std::move(started.error()));
  const auto progress = made->progress();
  log::info("adopting journal {}, which ends at {}", progress.journal.text(), progress.end);
  return made;
}

Adoption::Adoption(std::string folder, const AdoptionParts& parts, std::unique_ptr<Journal> journal)
    : folder_(std::move(folder)),
      parts_(parts),
      journal_(std::move(journal)),
      applier_(Applier::make(
          {.journal = *journal_, .database = parts_.database, .signals = parts_.signals, .clock = parts_.clock},
          {.note_file = folder_ + "/applying"})) {}

Adoption::~Adoption() { applier_->stop(); }

AdoptionProgress Adoption::progress() const {
  return {.journal = journal_->id(), .applied = applier_->mark(), .end = journal_->end()};
}

void Adoption::wait(std::chrono::milliseconds limit) const {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!progress().is_over() && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

Result<void> Adoption::finish() {
  applier_->stop();
  const auto marks = parts_.database.read_and_wait(
      [journal = journal_->id()](sql::Connection& connection) { return store::load_marks(connection, journal); });
  if (!marks) return fail(marks.error());
  if (std::min(marks->messages, marks->statuses) < journal_->end())
    return fail(ErrorKind::Unavailable, "the store did not take the last mark: adopt the folder again");
  auto folder = JournalFolder::open(folder_);
  if (!folder) return fail(std::move(folder.error()));
  auto marked = folder->mark_adopted("on " + iso8601(parts_.clock.now()) + " by " + parts_.node);
  if (marked) log::info("journal {} is adopted", journal_->id().text());
  return marked;
}

}  // namespace waypost
