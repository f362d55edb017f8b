// waypostd: the gateway's daemon. Starts the App, waits for signals, drains.

#include <fmt/format.h>
#include <pthread.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "base/log.h"
#include "config/loader.h"
#include "daemon/app.h"
#include "daemon/notify.h"

namespace waypost {
namespace {

constexpr std::chrono::milliseconds kIdle{60'000};

struct Options {
  std::string settings_file = "/etc/waypost/waypost.toml";
  bool check_only = false;
  bool after_restore = false;
};

// Blocked before any thread starts, so that every thread inherits it and only wait_for_signal takes them.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

// The signal, or 0 when `limit` passed without one.
int wait_for_signal(const sigset_t& signals, std::chrono::milliseconds limit) {
  const timespec pause{.tv_sec = limit.count() / 1000, .tv_nsec = limit.count() % 1000 * 1'000'000};
  const int signal = sigtimedwait(&signals, nullptr, &pause);
  return signal > 0 ? signal : 0;
}

std::string status_of(const App& app) {
  return app.url().empty() ? "working, without a public listener" : "serving " + app.url();
}

void reload(App& app, const std::string& settings_file) {
  notify_reloading();
  const auto fresh = load_settings(settings_file);
  const auto reloaded = fresh ? app.reload(*fresh) : Result<void>(std::unexpected(fresh.error()));
  if (!reloaded)
    log::error("reload refused, what was in force stays: {}", reloaded.error().words());
  else
    log::info("reloaded: log level, webhook apps, certificates");
  notify_ready(status_of(app));
}

void serve(App& app, const sigset_t& signals, const std::string& settings_file) {
  const auto watchdog = watchdog_interval();
  while (true) {
    const int signal = wait_for_signal(signals, watchdog ? *watchdog / 3 : kIdle);
    if (signal == SIGHUP)
      reload(app, settings_file);
    else if (signal != 0)
      return;
    if (watchdog && app.moves(*watchdog / 3)) notify_alive();
  }
}

int run(const Options& options) {
  const auto settings = load_settings(options.settings_file);
  if (!settings) {
    fmt::print(stderr, "waypostd: {}\n", settings.error().words());
    return 1;
  }
  if (options.check_only) {
    fmt::print("{}: good\n", options.settings_file);
    return 0;
  }
  const auto format = settings->log.format == LogStyle::Json ? LogFormat::Json : LogFormat::Text;
  if (auto logging = start_logging(settings->log.level, format); !logging) {
    fmt::print(stderr, "waypostd: {}\n", logging.error().words());
    return 1;
  }
  const sigset_t signals = block_signals();
  auto app = App::start(*settings, options.after_restore ? StartKind::AfterRestore : StartKind::Usual);
  if (!app) {
    log::error("waypostd cannot start: {}", app.error().words());
    return 1;
  }
  log::info("waypostd {}: {} (admin {})", WAYPOST_VERSION, status_of(**app), (*app)->admin_url());
  notify_ready(status_of(**app));
  serve(**app, signals, options.settings_file);
  notify_stopping();
  log::info("draining");
  (*app)->drain();
  app->reset();
  log::info("stopped");
  return 0;
}

}  // namespace
}  // namespace waypost

int main(int argc, char** argv) {
  waypost::Options options;
  CLI::App line("Waypost, a WhatsApp messaging gateway. Example: waypostd --config /etc/waypost/waypost.toml",
                "waypostd");
  line.add_option("--config", options.settings_file, "The settings file.")->capture_default_str();
  std::string checked_file;
  auto* check =
      line.add_option("--check-config", checked_file,
                      "Read the settings (of this file, or of --config), name every fault in them, and stop.");
  check->expected(0, 1);
  line.add_flag("--after-restore", options.after_restore,
                "The store was restored from a backup: hold what waits to be sent, because it may have gone out since, "
                "until `waypost sends release` or `waypost sends drop`. Once is enough: the hold outlives restarts.");
  line.set_version_flag("--version", WAYPOST_VERSION);
  try {
    line.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return line.exit(error) == 0 ? 0 : 2;
  }
  options.check_only = check->count() > 0;
  if (!checked_file.empty()) options.settings_file = checked_file;
  return waypost::run(options);
}
