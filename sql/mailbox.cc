#include "sql/mailbox.h"

#include <algorithm>
#include <utility>

namespace waypost::sql {
namespace {

constexpr std::size_t kKeptForBulk = 8;  // one in so many
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

// What an owner puts stays behind what it put before.
Mailbox::Waiting& Mailbox::place_of(Urgency urgency, std::uint64_t owner) {
  if (urgency == Urgency::Bulk) return bulk_;
  if (urgent_.waiting(owner) > 0) return urgent_;
  const auto had = had_.find(owner);
  const auto lately = light_.waiting(owner) + (had == had_.end() ? 0 : had->second);
  return lately < kMuch ? light_ : urgent_;
}

Batch Mailbox::take(std::size_t most) {
  std::unique_lock lock(mutex_);
  while (size() == 0 && !closed_) {
    ++sleepers_;
    come_.wait(lock);
    --sleepers_;
  }
  Batch batch{.passed_over = std::exchange(passed_over_, 0)};
  const bool only_bulk = batch.passed_over + 1 >= kKeptForBulk && !bulk_.empty();
  const std::size_t kept_for_bulk = std::min(bulk_.size(), most / kKeptForBulk);
  const std::size_t room = only_bulk ? 0 : most - kept_for_bulk;
  batch.light = std::min(light_.size(), room);
  const auto others = batch.light > 0 ? urgent_.owners() : urgent_.size();
  batch.urgent = batch.light + std::min(others, room - batch.light);
  const auto bulk = batch.light > 0 ? 0 : std::min(bulk_.size(), most - batch.urgent);
  if (batch.light > 0 && !bulk_.empty()) passed_over_ = batch.passed_over + 1;
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
    // Whose jobs waited with the urgent ones is not light until it counts half: what is given back stays in order.
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
  const bool had_bulk = batch.urgent < batch.jobs.size();
  if (had_bulk && ran <= batch.urgent) passed_over_ = batch.passed_over + 1;
  while (batch.jobs.size() > ran) {
    Job& job = batch.jobs.back();
    const auto at = batch.jobs.size() - 1;
    Waiting& waiting = at < batch.light ? light_ : at < batch.urgent ? urgent_ : bulk_;
    const auto owner = job.owner;
    waiting.give_back(owner, std::move(job));
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
