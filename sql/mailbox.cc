#include "sql/mailbox.h"

#include <algorithm>
#include <utility>

namespace waypost::sql {
namespace {

constexpr std::size_t kKeptForBulk = 8;  // one in so many
constexpr std::size_t kMostPassedOver = 7;
// Who had fewer than kMuch of the last kLately jobs, about, is light.
constexpr std::size_t kLately = 1'024;
constexpr std::size_t kMuch = kLately / 32;

}  // namespace

std::optional<Job> Mailbox::put(Urgency urgency, Job job) {
  const std::scoped_lock lock(mutex_);
  if (closed_ || size() >= most_jobs_) return job;
  const auto owner = job.owner;
  place_of(urgency, owner).put(owner, std::move(job));
  light_waits_ = !light_.empty();
  if (sleepers_ > 0) come_.notify_one();
  return std::nullopt;
}

Mailbox::Waiting& Mailbox::place_of(Urgency urgency, std::uint64_t owner) {
  if (urgency == Urgency::Bulk) return bulk_;
  if (urgent_.waiting(owner) > 0) return urgent_;
  const auto had = had_.find(owner);
  if (light_.waiting(owner) + (had == had_.end() ? 0 : had->second) < kMuch) return light_;
  light_.move_line(owner, urgent_);
  return urgent_;
}

Mailbox::Waiting* Mailbox::where_waits(std::uint64_t owner) {
  if (light_.waiting(owner) > 0) return &light_;
  return urgent_.waiting(owner) > 0 ? &urgent_ : nullptr;
}

Batch Mailbox::take(std::size_t most) {
  std::unique_lock lock(mutex_);
  while (size() == 0 && !closed_) {
    ++sleepers_;
    come_.wait(lock);
    --sleepers_;
  }
  Batch batch{.passed_over = std::exchange(passed_over_, {})};
  const auto [others_passed, bulk_passed] = batch.passed_over;
  const bool only_bulk = bulk_passed >= kMostPassedOver && !bulk_.empty();
  const bool no_light = others_passed >= kMostPassedOver && !urgent_.empty();
  const std::size_t kept_for_bulk = std::min(bulk_.size(), most / kKeptForBulk);
  const std::size_t room = only_bulk ? 0 : most - kept_for_bulk;
  batch.light = no_light ? 0 : std::min(light_.size(), room);
  const auto others = batch.light > 0 ? urgent_.owners() : urgent_.size();
  batch.urgent = batch.light + std::min(others, room - batch.light);
  const auto bulk = batch.light > 0 ? 0 : std::min(bulk_.size(), most - batch.urgent);
  if (batch.urgent == batch.light && !urgent_.empty()) passed_over_.others = others_passed + 1;
  if (batch.light > 0 && !bulk_.empty()) passed_over_.bulk = bulk_passed + 1;
  batch.jobs.reserve(batch.urgent + bulk);
  move_jobs(light_, batch.light, batch.jobs);
  move_jobs(urgent_, batch.urgent - batch.light, batch.jobs);
  move_jobs(bulk_, bulk, batch.jobs);
  light_waits_ = !light_.empty();
  return batch;
}

void Mailbox::move_jobs(Waiting& from, std::size_t count_of_them, std::vector<Job>& to) {
  for (std::size_t moved = 0; moved < count_of_them; ++moved) {
    to.push_back(from.take());
    // Whose jobs waited with the urgent ones is not light until it counts half.
    count(to.back().owner, &from == &urgent_ ? kMuch : 0);
  }
}

void Mailbox::count(std::uint64_t owner, std::size_t at_least) {
  auto& had = had_[owner];
  had = std::max(had + 1, at_least);
  if (++counted_ < kLately) return;
  counted_ = 0;
  for (auto& [each, jobs] : had_) jobs /= 2;
  std::erase_if(had_, [](const auto& each) { return each.second == 0; });
}

void Mailbox::give_back(Batch batch, std::size_t ran) {
  const std::scoped_lock lock(mutex_);
  const bool had_others = batch.light < batch.urgent;
  const bool had_bulk = batch.urgent < batch.jobs.size();
  if (had_others && ran <= batch.light) passed_over_.others = batch.passed_over.others + 1;
  if (had_bulk && ran <= batch.urgent) passed_over_.bulk = batch.passed_over.bulk + 1;
  while (batch.jobs.size() > ran) {
    Job& job = batch.jobs.back();
    const auto at = batch.jobs.size() - 1;
    const auto owner = job.owner;
    Waiting* waiting = at < batch.urgent ? where_waits(owner) : &bulk_;
    if (waiting == nullptr) waiting = at < batch.light ? &light_ : &urgent_;
    waiting->give_back(owner, std::move(job));
    batch.jobs.pop_back();
  }
  light_waits_ = !light_.empty();
}

void Mailbox::close() {
  const std::scoped_lock lock(mutex_);
  closed_ = true;
  come_.notify_all();
}

}  // namespace waypost::sql
