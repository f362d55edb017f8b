// CuttingProxy: stands between libpq and the tests' PostgreSQL on a unix socket of its own, and breaks connections when
// a message passes by that holds a certain word. Test thread, but for its own thread inside.

#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "base/secret.h"
#include "tests/support/temp_folder.h"

namespace waypost::test {

enum class Cut {
  Never,
  Before,     // the word does not reach the server; both sides are closed
  After,      // the server has answered, and the answer is lost
  Swallowing  // the word does not reach the server, which is not told that the client is gone until release()
};

class CuttingProxy {
 public:
  // Of a database of the cluster. Listens when it has been started.
  explicit CuttingProxy(const Secret& target);
  CuttingProxy(const CuttingProxy&) = delete;
  CuttingProxy& operator=(const CuttingProxy&) = delete;
  ~CuttingProxy();

  Secret url() const { return url_; }
  void start();
  // Closes every connection, and lets none in until start().
  void stop();
  // Once, at the next message that holds `word`.
  void cut(Cut how, const std::string& word = "COMMIT") {
    word_ = word;
    cut_ = how;
  }
  void release() { released_ = true; }
  int connections() const { return connections_; }
  // How often the server was asked what became of a transaction.
  int asked_outcome() const { return asked_outcome_; }

 private:
  struct Pair;
  void work(std::stop_token stop, int listener);
  bool pass_up(Pair& pair);
  bool pass_down(Pair& pair);

  TempFolder folder_{Storage::Memory};
  Secret url_;
  std::string target_;  // the server's socket
  std::string word_;    // written before cut_, read after it
  std::atomic<Cut> cut_ = Cut::Never;
  std::atomic<bool> released_ = false;
  std::atomic<int> connections_ = 0;
  std::atomic<int> asked_outcome_ = 0;
  std::jthread thread_;
};

}  // namespace waypost::test
