// CommandLine: the commands of `waypost`, what was typed, and which one was chosen. Main thread.

#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/json.h"
#include "daemon/admin_link.h"

namespace waypost {

// What the command line says; each command fills its part.
struct Words {
  std::string socket = "/var/lib/waypost/admin.sock";
  bool json = false;
  bool secret_from_stdin = false;
  bool installation_admin = false;
  std::string name, email, role = "admin", workspace, app = "default";
  std::string phone_number_id, waba_id, display_phone_number, settings_file = "/etc/waypost/waypost.toml";
  std::string path;  // of an export, or of a journal's folder
  std::string queue, conversation, stream, reason, channel;
  int limit = 50, offset = 0;
  std::string letter, state = "waiting", of_app, since, from, to;
  bool all = false, raw = false, start_runs = false, dry_run = false;
};

// What it answers is shown; null when it has shown everything itself.
using Command = std::function<Result<Json>(const AdminLink&, const Words&)>;

struct CommandLine {
  explicit CommandLine(const char* about) : app(about, "waypost") {}

  CLI::App app;
  Words words;
  Command chosen;

  CLI::App* command(CLI::App* parent, const char* name, const char* about, Command run) {
    auto* made = parent->add_subcommand(name, about);
    made->callback([this, run = std::move(run)] { chosen = run; });
    return made;
  }
  CLI::App* family(const char* name, const char* about) {
    auto* made = app.add_subcommand(name, about);
    made->require_subcommand(1);
    return made;
  }
  void list(CLI::App* parent, const char* path) {
    command(parent, "list", "Lists them all.",
            [path](const AdminLink& link, const Words&) { return link.ask("GET", path, {}); });
  }
  void secret_option(CLI::App* made, const char* option) {
    made->add_flag(option, words.secret_from_stdin, "Read it from standard input without asking.");
  }
  void workspace_option(CLI::App* made) {
    made->add_option("--workspace", words.workspace, "Id of the workspace (waypost workspace list).")->required();
  }
};

}  // namespace waypost
