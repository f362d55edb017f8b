#include "webhook/applier.h"

#include <atomic>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "base/log.h"
#include "base/thread.h"
#include "webhook/apply_letters.h"
#include "webhook/carrier.h"

namespace waypost {
namespace {

class JournalApplier final : public Applier {
 public:
  JournalApplier(const ApplierParts& parts, ApplierSettings settings)
      : parts_(parts), settings_(std::move(settings)), carrier_(parts_, settings_, answers_, waiters_) {}
  ~JournalApplier() override { stop(); }

  Result<void> start() override;
  void stop() override;
  void channels_changed() override;
  void channel_created(std::string phone_number_id) override;
  awaitable<bool> applied(JournalPosition position, std::chrono::milliseconds limit) override {
    return waiters_.passed(position, limit);
  }
  JournalPosition mark() const override { return carrier_.mark(); }
  Time applied_until() const override { return carrier_.applied_until(); }

 private:
  void run();
  bool begin();
  void find_waiting_letters();
  void serve_requests();
  void wake();

  const ApplierParts parts_;
  const ApplierSettings settings_;
  ApplyAnswers answers_;
  MarkWaiters waiters_;
  Carrier carrier_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  // Under the mutex.
  std::set<std::string> new_numbers_;
  bool forget_channels_ = false;
  // Applier's thread.
  bool begun_ = false;
  std::chrono::steady_clock::time_point letters_again_{};
  std::chrono::steady_clock::time_point look_again_{};
  std::thread thread_;
};

// A mark beyond the journal's end stops the start; a store that is away does not.
Result<void> JournalApplier::start() {
  const auto begun = carrier_.begin();
  if (!begun && begun.error().kind() != ErrorKind::Unavailable) return begun;
  begun_ = begun.has_value();
  thread_ = std::thread([this] {
    name_this_thread("applier", Priority::Behind);
    run();
  });
  return {};
}

void JournalApplier::stop() {
  stopping_ = true;
  wake();
  if (thread_.joinable()) thread_.join();
}

void JournalApplier::wake() {
  answers_.wake();
  parts_.journal.wake();
}

void JournalApplier::channels_changed() {
  {
    const std::scoped_lock lock(mutex_);
    forget_channels_ = true;
  }
  wake();
}

void JournalApplier::channel_created(std::string phone_number_id) {
  {
    const std::scoped_lock lock(mutex_);
    forget_channels_ = true;
    new_numbers_.insert(std::move(phone_number_id));
  }
  wake();
}

void JournalApplier::run() {
  while (!stopping_ && !begin()) answers_.wait(settings_.longest_pause);
  if (!begun_) return;
  while (!stopping_) {
    find_waiting_letters();
    serve_requests();
    if (!carrier_.turn()) carrier_.rest();
  }
  carrier_.end();
}

bool JournalApplier::begin() {
  if (begun_) return true;
  const auto begun = carrier_.begin();
  if (!begun) log::error("the applier cannot begin: {}", begun.error().words());
  begun_ = begun.has_value();
  return begun_;
}

// What nobody tells us: a channel made by another node, or while the process was away.
void JournalApplier::find_waiting_letters() {
  const auto present = std::chrono::steady_clock::now();
  if (present < look_again_) return;
  look_again_ = present + settings_.look_for_letters;
  const auto numbers = numbers_that_wait(parts_.database);
  if (!numbers) return log::warn("dead letters cannot be looked through: {}", numbers.error().words());
  const std::scoped_lock lock(mutex_);
  new_numbers_.insert(numbers->begin(), numbers->end());
}

void JournalApplier::serve_requests() {
  std::set<std::string> numbers;
  {
    const std::scoped_lock lock(mutex_);
    if (std::exchange(forget_channels_, false)) carrier_.forget_channels();
    if (std::chrono::steady_clock::now() >= letters_again_) numbers = std::exchange(new_numbers_, {});
  }
  for (const auto& number : numbers) {
    const auto applied = carrier_.apply_waiting_letters(number);
    if (applied) continue;
    letters_again_ = std::chrono::steady_clock::now() + settings_.first_pause;
    const std::scoped_lock lock(mutex_);
    new_numbers_.insert(number);
  }
}

}  // namespace

std::unique_ptr<Applier> Applier::make(const ApplierParts& parts, ApplierSettings settings) {
  return std::make_unique<JournalApplier>(parts, std::move(settings));
}

}  // namespace waypost
