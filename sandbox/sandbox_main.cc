// waypost-sandbox: plays Meta and its customers' phones, for newcomers and for tests.

#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "base/log.h"
#include "sandbox/sandbox.h"

namespace waypost::sandbox {
namespace {

constexpr int kBadUsage = 2;

struct CommandLine {
  std::string listen = "127.0.0.1:0";
  std::string config;
  Json number = usual_number();
  Json settings = Json::object();
  std::string log_level = "warning";
};

void add_number_options(CLI::App& app, CommandLine& line) {
  for (const auto* key :
       {"phone_number_id", "display_phone_number", "waba_id", "token", "app_secret", "verify_token", "webhook_url"}) {
    std::string option = "--" + std::string(key);
    std::ranges::replace(option, '_', '-');
    const std::string usual = text_or_empty(line.number, key);
    app.add_option_function<std::string>(
        option, [&line, key](const std::string& value) { line.number[key] = value; },
        "of the business number" + (usual.empty() ? "" : " [" + usual + "]"));
  }
}

void add_setting_option(CLI::App& app, CommandLine& line, const std::string& key, const std::string& words) {
  std::string option = "--" + key;
  std::ranges::replace(option, '_', '-');
  app.add_option_function<std::string>(
      option,
      [&line, key](const std::string& value) {
        const auto json = parse_json(value);
        line.settings[key] = json ? *json : Json(value);
      },
      words);
}

void describe(CLI::App& app, CommandLine& line) {
  app.description("Simulates Meta's WhatsApp Cloud API and the phones of customers. Everything is in memory.");
  app.footer(
      "Example:\n"
      "  waypost-sandbox --listen 127.0.0.1:8090 --webhook-url http://127.0.0.1:8080/webhooks/whatsapp\n"
      "  curl -d '{\"text\":\"hello\"}' http://127.0.0.1:8090/control/customers/+16505551234/messages\n"
      "  curl http://127.0.0.1:8090/control/customers/+16505551234/inbox\n"
      "It prints {\"url\": ...} once it listens; SIGTERM stops it. docs/sandbox.md has every control endpoint.");
  app.add_option("--listen", line.listen, "address and port, 0 for a free one [127.0.0.1:0]");
  app.add_option("--config", line.config, "JSON: {settings, numbers, templates, faults}");
  app.add_option("--log-level", line.log_level, "error, warning, info or debug [warning]");
  app.add_option("--state", "where state is kept: none, the only one there is")->check(CLI::IsMember({"none"}));
  add_number_options(app, line);
  add_setting_option(app, line, "delivered_after_ms", "from sent, or never [50]");
  add_setting_option(app, line, "read_after_ms", "from delivered, or never [never]");
  add_setting_option(app, line, "window_refusal", "131047 outside the window: late or at_once [late]");
}

Result<Json> setup_of(const CommandLine& line) {
  Json setup = Json::object();
  if (!line.config.empty()) {
    std::ifstream file(line.config);
    if (!file) return fail(ErrorKind::InvalidInput, line.config + " cannot be read");
    auto read = parse_json(std::string(std::istreambuf_iterator<char>(file), {}));
    if (!read) return fail(std::move(read).error().during(line.config));
    setup = *std::move(read);
  }
  if (!find_array(setup, "numbers")) setup["numbers"] = Json::array({line.number});
  for (const auto& [key, value] : line.settings.items()) setup["settings"][key] = value;
  return setup;
}

int complain(const Error& error) {
  std::fprintf(stderr, "waypost-sandbox: %s\n", error.words().c_str());
  return kBadUsage;
}

// Blocks the two signals in this thread and all that it starts, so that one place waits for them.
sigset_t hold_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

int serve(const CommandLine& line) {
  if (auto logging = start_logging(line.log_level, LogFormat::Text); !logging) return complain(logging.error());
  const auto setup = setup_of(line);
  if (!setup) return complain(setup.error());
  const auto signals = hold_stop_signals();
  const auto sandbox = Sandbox::start({.listen = line.listen, .setup = *setup});
  if (!sandbox) return complain(sandbox.error());
  std::printf("%s\n", dump({{"url", (*sandbox)->url()}}).c_str());
  std::fflush(stdout);
  int caught = 0;
  sigwait(&signals, &caught);
  return 0;
}

}  // namespace
}  // namespace waypost::sandbox

int main(int argc, char** argv) {
  waypost::sandbox::CommandLine line;
  CLI::App app;
  waypost::sandbox::describe(app, line);
  CLI11_PARSE(app, argc, argv);
  return waypost::sandbox::serve(line);
}
