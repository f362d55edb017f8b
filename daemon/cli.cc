#include "daemon/cli.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "config/loader.h"
#include "daemon/admin_link.h"
#include "daemon/command_line.h"
#include "daemon/copy_commands.h"
#include "daemon/doctor_command.h"
#include "daemon/letter_commands.h"
#include "daemon/queue_commands.h"
#include "daemon/restore_commands.h"

namespace waypost {
namespace {

constexpr const char* kAbout =
    "Sets up and looks after a Waypost installation, through the admin socket of the running waypostd.\n\n"
    "A first installation:\n"
    "  waypost app create default --secrets-from-stdin < secrets.json\n"
    "  waypost workspace create \"Acme\"\n"
    "  waypost user create --workspace ID --email you@example.com --role admin\n"
    "  waypost channel create --workspace ID --name Sales --phone-number-id 106540352242922 \\\n"
    "      --waba-id 102290129340398 --display-phone-number \"+1 555 078 3881\" --token-from-stdin < token.txt\n";

std::string read_stdin() {
  std::string text{std::istreambuf_iterator<char>(std::cin), {}};
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

// Secrets come by standard input: a command line shows in `ps` and stays in the shell's history.
std::string ask_secret(const Words& words, const char* what) {
  if (!words.secret_from_stdin) std::fprintf(stderr, "%s, then Ctrl-D: ", what);
  return read_stdin();
}

void show(const Json& json, bool as_json) {
  if (json.is_null()) return;
  if (as_json) {
    std::puts(dump(json).c_str());
    return;
  }
  const Json* items = find_array(json, "items");
  for (const auto& item : items ? *items : Json::array({json})) {
    for (const auto& [key, value] : item.items()) {
      fmt::print("{:20} {}\n", key, value.is_string() ? value.get<std::string>() : dump(value));
    }
    if (items) fmt::print("\n");
  }
}

int report(const Result<Json>& answer, bool as_json) {
  if (answer) {
    show(*answer, as_json);
    return 0;
  }
  fmt::print(stderr, "waypost: {}\n", answer.error().words());
  for (const auto& field : answer.error().fields()) fmt::print(stderr, "  {}: {}\n", field.path, field.message);
  return 1;
}

Result<Json> create_app(const AdminLink& link, const Words& words) {
  auto given =
      parse_json(ask_secret(words, R"(JSON {"secret": "...", "verifyToken": "...", "previousSecret": "..."})"));
  if (!given || !given->is_object())
    return fail(ErrorKind::InvalidInput, "standard input must hold a JSON object with secret and verifyToken");
  (*given)["name"] = words.name;
  return link.ask("POST", "/admin/apps", *given);
}

Result<Json> create_user(const AdminLink& link, const Words& words) {
  return link.ask("POST", "/admin/users",
                  {{"email", words.email},
                   {"name", words.name.empty() ? words.email : words.name},
                   {"password", ask_secret(words, "Password")},
                   {"workspaceId", words.workspace},
                   {"role", words.role},
                   {"installationAdmin", words.installation_admin}});
}

Result<Json> create_channel(const AdminLink& link, const Words& words) {
  return link.ask("POST", "/admin/channels",
                  {{"workspaceId", words.workspace},
                   {"name", words.name},
                   {"app", words.app},
                   {"phoneNumberId", words.phone_number_id},
                   {"wabaId", words.waba_id},
                   {"displayPhoneNumber", words.display_phone_number},
                   {"accessToken", ask_secret(words, "The number's access token")}});
}

Result<Json> create_token(const AdminLink& link, const Words& words) {
  return link.ask("POST", "/admin/tokens",
                  {{"workspaceId", words.workspace}, {"name", words.name}, {"role", words.role}});
}

Result<Json> check_config(const AdminLink&, const Words& words) {
  const auto settings = load_settings(words.settings_file);
  if (!settings) return fail(settings.error());
  return Json{{"settings", words.settings_file}, {"verdict", "good"}};
}

void add_workspaces(CommandLine& line) {
  auto* family = line.family("workspace", "Workspaces: each sees only its own contacts, conversations and workflows.");
  auto* create = line.command(family, "create", "Makes a workspace. Example: waypost workspace create \"Acme\"",
                              [](const AdminLink& link, const Words& words) {
                                return link.ask("POST", "/admin/workspaces", {{"name", words.name}});
                              });
  create->add_option("name", line.words.name, "What people call it.")->required();
  line.list(family, "/admin/workspaces");
}

void add_users(CommandLine& line) {
  auto* family = line.family("user", "People who sign in.");
  auto* create = line.command(family, "create",
                              "Makes a user and a member of a workspace; a user that exists is only made a member. "
                              "Example: waypost user create --workspace ID --email you@example.com --role admin",
                              create_user);
  line.workspace_option(create);
  create->add_option("--email", line.words.email, "Address to sign in with.")->required();
  create->add_option("--name", line.words.name, "What people call them (default: the address).");
  create->add_option("--role", line.words.role, "admin or agent.")
      ->check(CLI::IsMember({"admin", "agent"}))
      ->capture_default_str();
  create->add_flag("--installation-admin", line.words.installation_admin,
                   "May see and pause the queues of all workspaces (/api/admin); only of a new user.");
  line.secret_option(create, "--password-from-stdin");
}

void add_apps(CommandLine& line) {
  auto* family = line.family("app", "Meta apps: their secrets sign the webhooks.");
  auto* create =
      line.command(family, "create",
                   "Makes a Meta app or changes its secrets. Its webhook is /webhooks/whatsapp/NAME; the one named "
                   "default also answers without a name.",
                   create_app);
  create->add_option("name", line.words.name, "Letters, digits, - and _.")->required();
  line.secret_option(create, "--secrets-from-stdin");
  line.list(family, "/admin/apps");
}

void add_channels(CommandLine& line) {
  auto* family = line.family("channel", "Channels: business phone numbers.");
  auto* create = line.command(family, "create",
                              "Connects a business phone number to a workspace. Messages that came before are applied.",
                              create_channel);
  line.workspace_option(create);
  create->add_option("--name", line.words.name, "What people call it.")->required();
  create->add_option("--app", line.words.app, "The Meta app its webhooks come by.")->capture_default_str();
  create->add_option("--phone-number-id", line.words.phone_number_id, "Meta's id of the number.")->required();
  create->add_option("--waba-id", line.words.waba_id, "WhatsApp Business Account id.")->required();
  create->add_option("--display-phone-number", line.words.display_phone_number, "The number as people read it.")
      ->required();
  line.secret_option(create, "--token-from-stdin");
  line.list(family, "/admin/channels");
}

void add_tokens(CommandLine& line) {
  auto* family = line.family("token", "API tokens for programs.");
  auto* create = line.command(family, "create", "Makes an API token of a workspace and shows it once.", create_token);
  line.workspace_option(create);
  create->add_option("--name", line.words.name, "What it is for.")->required();
  create->add_option("--role", line.words.role, "admin or agent.")
      ->check(CLI::IsMember({"admin", "agent"}))
      ->capture_default_str();
}

void add_nodes(CommandLine& line) {
  auto* family = line.family("node", "Nodes: the daemons that share this store, their roles, when each was last seen.");
  line.list(family, "/admin/nodes");
}

void add_all(CommandLine& line) {
  line.app.require_subcommand(1);
  line.app.add_option("--socket", line.words.socket, "Admin socket of waypostd.")->capture_default_str();
  line.app.add_flag("--json", line.words.json, "Print JSON for programs.");
  add_workspaces(line);
  add_users(line);
  add_apps(line);
  add_channels(line);
  add_tokens(line);
  add_nodes(line);
  add_copy_commands(line);
  add_restore_commands(line);
  add_queue_commands(line);
  add_letter_commands(line);
  add_doctor_command(line);
  auto* check =
      line.command(&line.app, "check-config", "Reads a settings file and names every fault in it.", check_config);
  check->add_option("file", line.words.settings_file, "The settings file.")->capture_default_str();
}

}  // namespace

int run_cli(int argc, char** argv) {
  CommandLine line(kAbout);
  add_all(line);
  try {
    line.app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return line.app.exit(error) == 0 ? 0 : 2;
  }
  return report(line.chosen(AdminLink(line.words.socket), line.words), line.words.json);
}

}  // namespace waypost
