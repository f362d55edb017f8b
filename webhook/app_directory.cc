#include "webhook/app_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "base/json.h"

namespace waypost {
namespace {

Error unwritable(const std::string& path) {
  return {ErrorKind::Internal, path + " cannot be written: " + std::strerror(errno)};
}

// Whole or not at all: a torn mirror would lock every webhook out.
Result<void> write_whole(const std::string& path, const std::string& content) {
  const std::string fresh = path + ".new";
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return fail(unwritable(fresh));
  const bool written = ::write(file, content.data(), content.size()) == static_cast<ssize_t>(content.size()) &&
                       ::fchmod(file, 0600) == 0 && ::fsync(file) == 0;
  ::close(file);
  if (!written || std::rename(fresh.c_str(), path.c_str()) != 0) return fail(unwritable(path));
  return {};
}

Json mirror_json(const std::vector<store::WebhookApp>& apps) {
  Json list = Json::array();
  for (const auto& app : apps) {
    list.push_back({{"name", app.name},
                    {"verifyToken", app.sealed_verify_token},
                    {"secret", app.sealed_secret},
                    {"previousSecret", app.sealed_previous_secret ? Json(*app.sealed_previous_secret) : Json()}});
  }
  return {{"apps", std::move(list)}};
}

Result<std::vector<store::WebhookApp>> read_mirror(const std::string& text) {
  const auto json = parse_json(text);
  const Json* list = json ? find_array(*json, "apps") : nullptr;
  if (!list) return fail(ErrorKind::Internal, "the mirror of the webhook apps cannot be read");
  std::vector<store::WebhookApp> apps;
  for (const auto& one : *list) {
    apps.push_back({.name = text_or_empty(one, "name"),
                    .sealed_verify_token = text_or_empty(one, "verifyToken"),
                    .sealed_secret = text_or_empty(one, "secret"),
                    .sealed_previous_secret = find_text(one, "previousSecret")});
  }
  return apps;
}

Result<WebhookKeys> opened(const store::WebhookApp& app, const Keyring& keyring) {
  auto token = keyring.open(app.sealed_verify_token, store::kVerifyTokenPurpose);
  if (!token) return fail(std::move(token.error()));
  auto secret = keyring.open(app.sealed_secret, store::kAppSecretPurpose);
  if (!secret) return fail(std::move(secret.error()));
  WebhookKeys keys{.verify_token = *std::move(token), .secret = *std::move(secret)};
  if (!app.sealed_previous_secret) return keys;
  auto previous = keyring.open(*app.sealed_previous_secret, store::kAppSecretPurpose);
  if (!previous) return fail(std::move(previous.error()));
  keys.previous_secret = *std::move(previous);
  return keys;
}

}  // namespace

AppDirectory::AppDirectory(const Keyring& keyring, std::string mirror_file)
    : keyring_(keyring), mirror_file_(std::move(mirror_file)) {}

Result<void> AppDirectory::load_mirror() {
  std::ifstream file(mirror_file_, std::ios::binary);
  if (!file) return {};
  std::ostringstream text;
  text << file.rdbuf();
  mirrored_ = text.str();
  auto sealed = read_mirror(mirrored_);
  if (!sealed) return fail(std::move(sealed.error()).during(mirror_file_));
  return take(*sealed);
}

Result<void> AppDirectory::load(sql::Database& database) {
  const std::scoped_lock lock(loading_);
  const auto sealed = database.read_and_wait(store::list_webhook_apps);
  if (!sealed) return fail(sealed.error());
  if (auto taken = take(*sealed); !taken) return taken;
  return write_mirror(*sealed);
}

// On a thread that may block: an app counts as made when it stands in the mirror, too.
awaitable<Result<void>> AppDirectory::reload(sql::Database& database) {
  return asio::co_spawn(
      writer_,
      [](AppDirectory& self, sql::Database& store) -> awaitable<Result<void>> { co_return self.load(store); }(*this,
                                                                                                              database),
      asio::use_awaitable);
}

void AppDirectory::ask() {
  const std::scoped_lock lock(mutex_);
  asked_ = true;
  asking_.notify_all();
}

void AppDirectory::wait_until_asked(const std::stop_token& stop, const Pauses& pauses) {
  std::unique_lock lock(mutex_);
  asking_.wait_for(lock, stop, pauses.least, [] { return false; });
  asking_.wait_for(lock, stop, pauses.most - pauses.least, [this] { return asked_; });
  asked_ = false;
}

// All or nothing: an app that cannot be opened is a wrong key file, and the present apps stay in force.
Result<void> AppDirectory::take(const std::vector<store::WebhookApp>& sealed) {
  auto apps = std::make_shared<Apps>();
  for (const auto& app : sealed) {
    auto keys = opened(app, keyring_);
    if (!keys) return fail(std::move(keys.error()).during("webhook app " + app.name));
    apps->emplace(app.name, *std::move(keys));
  }
  apps_.store(std::move(apps));
  return {};
}

Result<void> AppDirectory::write_mirror(const std::vector<store::WebhookApp>& sealed) {
  std::string content = dump(mirror_json(sealed));
  if (content == mirrored_) return {};
  auto written = write_whole(mirror_file_, content);
  if (written) mirrored_ = std::move(content);
  return written;
}

}  // namespace waypost
