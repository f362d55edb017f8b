// Gateway: a store, a journal and an applier over them, as a test drives them. Test thread only.

#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/run_loop.h"
#include "tests/support/temp_store.h"
#include "webhook/applier.h"

namespace waypost::test {

// Remembers what was offered. Any thread.
class KeptSignals final : public Signals {
 public:
  void offer(std::vector<Signal> signals) override {
    const std::scoped_lock lock(mutex_);
    kept_.insert(kept_.end(), signals.begin(), signals.end());
  }
  std::size_t count(QueueName queue) const {
    const std::scoped_lock lock(mutex_);
    return static_cast<std::size_t>(std::ranges::count(kept_, queue, &Signal::queue));
  }
  std::vector<ReadyKey> keys(QueueName queue) const {
    const std::scoped_lock lock(mutex_);
    std::vector<ReadyKey> keys;
    for (const auto& signal : kept_) {
      if (signal.queue == queue) keys.push_back(signal.key);
    }
    return keys;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Signal> kept_;
};

class Gateway {
 public:
  Gateway() {
    open_journal();
    open_applier();
  }
  ~Gateway() { stop(); }
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  void start() {
    const auto started = applier->start();
    if (!started) throw std::runtime_error(started.error().words());
  }
  void stop() {
    if (applier) applier->stop();
  }
  // Appends, and returns where.
  JournalPosition post(const std::string& body) {
    auto position = loop.wait(journal->append("default", body));
    if (!position) throw std::runtime_error(position.error().words());
    return *position;
  }
  // Until everything appended so far is applied, statuses too.
  void settle() {
    const auto end = journal->end();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (applier->mark() < end) {
      if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("the applier does not come to an end");
      std::this_thread::sleep_for(milliseconds(1));
    }
  }
  void post_and_settle(const std::string& body) {
    post(body);
    settle();
  }
  void open_journal() {
    auto opened = Journal::open({.folder = store.folder.file("journal")}, store.clock);
    if (!opened) throw std::runtime_error(opened.error().words());
    journal = *std::move(opened);
  }
  void open_applier() {
    applier = Applier::make({*journal, *store.database, signals, store.clock},
                            {.note_file = store.folder.file("applying"), .first_pause = milliseconds(5)});
  }
  // One that looks for waiting letters all the time.
  std::unique_ptr<Applier> make_watchful_applier(const std::string& note_file, Journal& of) {
    return Applier::make({of, *store.database, signals, store.clock},
                         {.note_file = note_file, .look_for_letters = milliseconds(20)});
  }

  TempStore store;
  KeptSignals signals;
  RunLoop loop;
  std::unique_ptr<Journal> journal;
  std::unique_ptr<Applier> applier;
};

// One inbound text, as Meta sends it.
struct Text {
  std::string id = "wamid.1";
  std::string from = "16505551234";  // "" = not shown
  std::string user_id = "US.1";      // "" = not shown
  std::string body = "hello";
  std::int64_t at = 1'760'000'000;
  std::string number = kNumber;
};
Json message_json(const Text& text);
std::string envelope_of(const Json& value, const std::string& number = kNumber);
std::string body_of(const Text& text);

// One status.
struct Word {
  std::string status = "sent";
  std::string id = "wamid.out";
  std::int64_t at = 1'760'000'100;
  std::string ours{};  // biz_opaque_callback_data
  std::int64_t error = 131026;
};
std::string body_of(const Word& word);

}  // namespace waypost::test
