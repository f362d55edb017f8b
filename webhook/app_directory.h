// AppDirectory: the Meta apps whose webhooks we take, with their secrets, in memory. Loaded from the store and
// mirrored, sealed, in a file beside the journal, so that a daemon started while the store is down still acks.

#pragma once

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.h"
#include "base/error.h"
#include "base/secret.h"
#include "net/asio.h"
#include "sql/database.h"
#include "store/webhook_apps.h"

namespace waypost {

inline constexpr std::string_view kDefaultApp = "default";  // of /webhooks/whatsapp without {app}

// One Meta app, opened.
struct WebhookKeys {
  Secret verify_token{};
  Secret secret{};
  std::optional<Secret> previous_secret{};  // valid too, while a secret is rotated
};

class AppDirectory {
 public:
  using Apps = std::map<std::string, WebhookKeys, std::less<>>;

  // Empty until loaded. The keyring outlives the directory; `mirror_file` is written with mode 0600.
  AppDirectory(const Keyring& keyring, std::string mirror_file);

  // Reads the mirror; no mirror is no app. Thread that may block, at start.
  Result<void> load_mirror();
  // Reads the store, and writes the mirror when it says something else. An error leaves the apps as they are. Any
  // thread that may block.
  Result<void> load(sql::Database& database);
  // The same from a loop, after an app was made or changed.
  awaitable<Result<void>> reload(sql::Database& database);

  // Any thread: the apps of this moment.
  std::shared_ptr<const Apps> apps() const { return apps_.load(); }

  // Any thread. Another node may have changed an app: the AppKeeper is to look.
  void ask();
  struct Pauses {
    std::chrono::milliseconds least{1'000};
    std::chrono::milliseconds most{10'000};
  };
  // The AppKeeper's: blocks until `least` is over and somebody has asked, or `most` is over, or it is to stop.
  void wait_until_asked(const std::stop_token& stop, const Pauses& pauses);

 private:
  Result<void> take(const std::vector<store::WebhookApp>& sealed);
  Result<void> write_mirror(const std::vector<store::WebhookApp>& sealed);

  // Constant after construction.
  const Keyring& keyring_;
  const std::string mirror_file_;
  // Swapped whole.
  std::atomic<std::shared_ptr<const Apps>> apps_{std::make_shared<const Apps>()};
  // One load() at a time.
  std::mutex loading_;
  std::string mirrored_;  // what the mirror holds
  // Under the mutex.
  std::mutex mutex_;
  std::condition_variable_any asking_;
  bool asked_ = false;
  asio::thread_pool writer_{1};  // for reload(); ends first
};

}  // namespace waypost
