// AppendQueue: the appends that wait for the journal's lane, bounded by their bytes. Any thread puts, the lane takes.

#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "journal/journal.h"
#include "net/asio.h"

namespace waypost {

struct Append {
  std::string app;
  std::string body;
  Time received_at;
  asio::any_io_executor executor;  // on which `done` is called; kept from running out of work meanwhile
  std::move_only_function<void(Result<JournalPosition>)> done;

  std::size_t bytes() const { return body.size() + app.size() + sizeof(Append); }
};

class AppendQueue {
 public:
  explicit AppendQueue(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  // Gives it back when the queue is full or closed.
  std::optional<Append> put(Append append);
  // Waits; in order, about `most_bytes` of them, at least one. Empty only when closed and nothing is left.
  std::vector<Append> take(std::size_t most_bytes);
  void close();

 private:
  std::vector<Append> take_some(std::size_t most_bytes);

  const std::size_t most_bytes_;
  std::mutex mutex_;
  // Under the mutex.
  std::condition_variable come_;
  std::vector<Append> waiting_;
  std::size_t bytes_ = 0;
  bool closed_ = false;
  bool lane_sleeps_ = false;
};

}  // namespace waypost
