#include "journal/journal.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "journal/append_queue.h"
#include "journal/day_file.h"
#include "journal/day_index.h"
#include "journal/end_mark.h"
#include "journal/folder.h"
#include "journal/reader.h"
#include "journal/writer.h"
#include "sql/file_lock.h"

namespace waypost {
namespace {

// What the files said when the journal was opened.
struct Found {
  std::vector<IndexedDay> days;
  std::optional<JournalId> id;  // of the newest file
  JournalPosition end = 0;

  Day newest() const { return days.empty() ? Day() : days.back().day; }
};

Result<Found> look_around(const JournalFolder& folder, const std::string& vfs) {
  Found found;
  for (const Day day : folder.days()) {
    const auto head = read_day_file_head({.path = folder.path_of(day), .vfs = vfs});
    if (!head) return fail(head.error());
    if (!head->has_value()) continue;
    found.days.push_back({.day = day, .first = (*head)->first});
    found.id = (*head)->id;
    found.end = std::max(found.end, (*head)->end);
  }
  return found;
}

// The day files know the id as well, so that a torn file `id` is mended and not taken for a new journal.
Result<JournalId> settled_id(const JournalFolder& folder, const std::optional<JournalId>& of_files, Time now) {
  const auto written = folder.read_id();
  if (written && of_files && *written != *of_files) {
    return fail(ErrorKind::Internal, folder.path() + ": the file id and the day files are of two journals");
  }
  if (written) return *written;
  const JournalId id = of_files ? *of_files : JournalId::make(now);
  if (auto kept = folder.write_id(id); !kept) return fail(std::move(kept.error()));
  return id;
}

struct OpenedFolder {
  JournalFolder folder;
  sql::FileLock lock;
  Found found;
  JournalId id;
};

Result<OpenedFolder> open_folder(const JournalSettings& settings, const Clock& clock) {
  auto folder = JournalFolder::open(settings.folder);
  if (!folder) return fail(std::move(folder.error()));
  auto lock = sql::FileLock::take(folder->lock_path());
  if (!lock) return fail(std::move(lock.error()));
  if (const auto words = folder->adopted()) {
    return fail(Error(ErrorKind::Conflict, settings.folder + " was adopted (" + *words +
                                               "): all of it is applied. Move the folder away; a daemon begins a new "
                                               "journal in an empty one")
                    .with_code(std::string(kAdopted)));
  }
  auto found = look_around(*folder, settings.vfs);
  if (!found) return fail(std::move(found.error()));
  auto id = settled_id(*folder, found->id, clock.now());
  if (!id) return fail(std::move(id.error()));
  return OpenedFolder{.folder = std::move(*folder), .lock = std::move(*lock), .found = std::move(*found), .id = *id};
}

class FolderJournal final : public Journal {
 public:
  FolderJournal(const JournalSettings& settings, const Clock& clock, OpenedFolder opened);
  ~FolderJournal() override { queue_.close(); }

  awaitable<Result<JournalPosition>> append(std::string app, std::string body) override;
  Result<std::vector<JournalRecord>> read_after(JournalPosition position, std::size_t most_records,
                                                std::size_t most_bytes) override {
    return reader_.read({.after = position, .end = end_.get(), .most_records = most_records, .most_bytes = most_bytes});
  }
  Result<std::vector<JournalRecord>> read_apart(JournalPosition position, std::size_t most_records,
                                                std::size_t most_bytes) override {
    return apart_.read({.after = position, .end = end_.get(), .most_records = most_records, .most_bytes = most_bytes});
  }
  void wait_behind(JournalPosition position, std::chrono::milliseconds limit) override {
    end_.wait_behind(position, limit);
  }
  void wake() override { end_.wake(); }
  JournalId id() const override { return id_; }
  JournalPosition end() const override { return end_.get(); }
  Result<std::size_t> drop_old(JournalPosition applied) override;

 private:
  void submit(Append append);

  const std::chrono::days retention_;
  const Clock& clock_;
  const JournalFolder folder_;
  const sql::FileLock lock_;
  const JournalId id_;
  EndMark end_;
  DayIndex index_;
  AppendQueue queue_;
  JournalReader reader_;
  JournalReader apart_;
  JournalWriter writer_;  // ends first
};

FolderJournal::FolderJournal(const JournalSettings& settings, const Clock& clock, OpenedFolder opened)
    : retention_(settings.retention),
      clock_(clock),
      folder_(std::move(opened.folder)),
      lock_(std::move(opened.lock)),
      id_(opened.id),
      end_(opened.found.end),
      index_(opened.found.days),
      queue_(settings.mailbox_bytes),
      reader_(folder_, index_, settings.vfs),
      apart_(folder_, index_, settings.vfs),
      writer_({.folder = folder_, .clock = clock_, .queue = queue_, .index = index_, .end = end_},
              {.id = id_, .newest = opened.found.newest(), .batch_bytes = settings.batch_bytes, .vfs = settings.vfs}) {}

awaitable<Result<JournalPosition>> FolderJournal::append(std::string app, std::string body) {
  return asio::async_initiate<decltype(asio::use_awaitable), void(Result<JournalPosition>)>(
      [this](auto handler, std::string moved_app, std::string moved_body) {
        auto executor = asio::get_associated_executor(handler);
        submit({.app = std::move(moved_app),
                .body = std::move(moved_body),
                .received_at = clock_.now(),
                .executor = asio::prefer(executor, asio::execution::outstanding_work.tracked),
                .done = std::move(handler)});
      },
      asio::use_awaitable, std::move(app), std::move(body));
}

void FolderJournal::submit(Append append) {
  auto refused = queue_.put(std::move(append));
  if (!refused) return;
  asio::post(refused->executor, [done = std::move(refused->done)]() mutable {
    done(fail(ErrorKind::Unavailable, "the journal has more to write than it can take"));
  });
}

Result<std::size_t> FolderJournal::drop_old(JournalPosition applied) {
  const Day oldest_kept = day_of(clock_.now()) - retention_;
  const auto old = index_.droppable(oldest_kept, applied);
  for (const Day day : old) {
    index_.remove(day);
    reader_.close(day);
    apart_.close(day);
    folder_.remove(day);
    log::info("the journal of {} is dropped", day_file_name(day));
  }
  return old.size();
}

}  // namespace

Result<std::unique_ptr<Journal>> Journal::open(const JournalSettings& settings, const Clock& clock) {
  auto opened = open_folder(settings, clock);
  if (!opened) return fail(std::move(opened.error()).during("opening the journal"));
  return std::make_unique<FolderJournal>(settings, clock, std::move(*opened));
}

Result<void> check_cursor(JournalPosition cursor, const Journal& journal) {
  if (cursor <= journal.end()) return {};
  return fail(ErrorKind::InvalidInput,
              "the store has applied this journal up to " + std::to_string(cursor) + ", but it ends at " +
                  std::to_string(journal.end()) +
                  ": its files were lost or swapped. Put them back, or move the folder away to begin a new journal");
}

}  // namespace waypost
