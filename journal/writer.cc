#include "journal/writer.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "base/metrics.h"

namespace waypost {
namespace {

struct Finished {
  std::move_only_function<void(Result<JournalPosition>)> done;
  Result<JournalPosition> position;
};

struct Hand {
  asio::any_io_executor executor;
  std::vector<Finished> finished;
};

Hand& hand_of(std::vector<Hand>& hands, asio::any_io_executor& executor, std::size_t most) {
  const auto known = std::ranges::find(hands, executor, &Hand::executor);
  if (known != hands.end()) return *known;
  hands.push_back({.executor = std::move(executor), .finished = {}});
  hands.back().finished.reserve(most);
  return hands.back();
}

// `end` is the position of the last append of the batch.
void resume(std::vector<Append> batch, const Result<void>& written, JournalPosition end) {
  std::vector<Hand> hands;
  JournalPosition position = end - batch.size();
  for (Append& append : batch) {
    ++position;
    auto result = written ? Result<JournalPosition>(position) : Result<JournalPosition>(fail(written.error()));
    hand_of(hands, append.executor, batch.size()).finished.push_back({std::move(append.done), std::move(result)});
  }
  // From here on a loop may end as soon as its appenders have resumed: what keeps it alive leaves with the post.
  batch.clear();
  for (Hand& hand : hands) {
    const auto loop = asio::prefer(hand.executor, asio::execution::outstanding_work.untracked);
    asio::post(loop, [alive = std::move(hand.executor), finished = std::move(hand.finished)]() mutable {
      for (Finished& one : finished) one.done(std::move(one.position));
    });
  }
}

}  // namespace

JournalWriter::JournalWriter(WriterParts parts, WriterSettings settings)
    : parts_(parts), settings_(std::move(settings)), newest_(settings_.newest), thread_([this] { work(); }) {
  pthread_setname_np(thread_.native_handle(), "journal");
}

void JournalWriter::work() {
  auto& appended = counter("waypost_journal_records_total", "Records appended to the journal");
  auto& refused = counter("waypost_journal_refused_total", "Appends that the disk would not take");
  auto& took = latency("waypost_journal_commit_seconds", "One group commit of the journal");
  bool failing = false;
  while (true) {
    std::vector<Append> batch = parts_.queue.take(settings_.batch_bytes);
    if (batch.empty()) return;
    const auto began = std::chrono::steady_clock::now();
    const auto written = write(batch);
    took.Observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
    (written ? appended : refused).Increment(static_cast<double>(batch.size()));
    if (!written && !failing) log::error("the journal cannot write: {}", written.error().words());
    if (written && failing) log::info("the journal writes again");
    failing = !written;
    if (written) parts_.end.advance(file_->end());
    resume(std::move(batch), written, parts_.end.get());
  }
}

Result<void> JournalWriter::write(const std::vector<Append>& batch) {
  if (auto turned = turn_to_day(); !turned) return turned;
  records_.clear();
  for (const Append& append : batch) {
    records_.push_back({.received_at = append.received_at, .app = append.app, .body = append.body});
  }
  return file_->append(records_);
}

// A clock that goes back stays with the newest file: positions must grow with the days.
Result<void> JournalWriter::turn_to_day() {
  const Day today = std::max(day_of(parts_.clock.now()), newest_);
  if (file_ && today == newest_) return {};
  const JournalPosition next = parts_.end.get() + 1;
  auto opened = DayFile::open({.path = parts_.folder.path_of(today), .vfs = settings_.vfs}, settings_.id, next);
  if (!opened) return fail(ErrorKind::Unavailable, opened.error().words());
  file_ = std::move(*opened);
  newest_ = today;
  parts_.index.add({.day = today, .first = file_->first()});
  return {};
}

}  // namespace waypost
