#include "daemon/doctor_command.h"

#include <fmt/format.h>

#include <filesystem>

#include "config/loader.h"
#include "daemon/command_line.h"

namespace waypost {
namespace {

constexpr const char* kHere = "this node";

// One line a check, and one with what to do where something is wrong. True where nothing is.
bool show(const Json& check) {
  const std::string status = text_or_empty(check, "status");
  fmt::print("{:8} {:14} {}: {}\n", status, text_or_empty(check, "name"), text_or_empty(check, "of"),
             text_or_empty(check, "words"));
  const std::string next = text_or_empty(check, "next");
  if (status != "good" && !next.empty()) fmt::print("{:8} {:14} → {}\n", "", "", next);
  return status == "good";
}

Json bad(const char* name, const std::string& words, const char* next) {
  return {{"of", kHere}, {"name", name}, {"status", "bad"}, {"words", words}, {"next", next}};
}

// Of the file that the daemon would read at its next start.
Json look_at_settings(const Words& words) {
  if (!std::filesystem::exists(words.settings_file)) return Json();
  const auto settings = load_settings(words.settings_file);
  if (!settings) {
    std::string faults = settings.error().words();
    for (const auto& field : settings.error().fields()) faults += "; " + field.path + " " + field.message;
    return bad("settings-file", words.settings_file + ": " + faults, "mend it, or the daemon does not start again");
  }
  return {{"of", kHere}, {"name", "settings-file"}, {"status", "good"}, {"words", words.settings_file}, {"next", ""}};
}

// Streamed, because a Meta that does not answer is waited for longer than other answers.
Result<Json> ask(const AdminLink& link) {
  std::string text;
  const auto done = link.ask_streamed("GET", "/admin/doctor", {}, [&text](std::string_view piece) -> Result<void> {
    text += piece;
    return {};
  });
  if (!done) return fail(done.error());
  return parse_json(text);
}

// The daemon's own list behind what can be said without it.
Json all_checks(const AdminLink& link, const Words& words) {
  Json checks = Json::array();
  if (auto settings = look_at_settings(words); !settings.is_null()) checks.push_back(std::move(settings));
  const auto told = ask(link);
  if (!told) {
    checks.push_back(
        bad("daemon", told.error().words(), "start waypostd (systemctl start waypost), or name its --socket"));
    return checks;
  }
  const Json* list = find_array(*told, "checks");
  for (const auto& check : list ? *list : Json::array()) checks.push_back(check);
  return checks;
}

Result<Json> doctor(const AdminLink& link, const Words& words) {
  const Json checks = all_checks(link, words);
  int wrong = 0;
  for (const auto& check : checks) {
    const bool good = words.json ? text_or_empty(check, "status") == "good" : show(check);
    if (!good) ++wrong;
  }
  if (words.json) fmt::print("{}\n", dump({{"checks", checks}}));
  if (wrong > 0) return fail(ErrorKind::Rejected, fmt::format("{} of {} checks are not good", wrong, checks.size()));
  return Json();
}

}  // namespace

void add_doctor_command(CommandLine& line) {
  auto* made = line.command(&line.app, "doctor",
                            "Looks at everything that should work: settings, store, Redis, the journal's disk, and at "
                            "each channel as Meta sees it. A line a check, with what to do next; exit code 1 when one "
                            "is not good. Example: waypost doctor",
                            doctor);
  made->add_option("--settings", line.words.settings_file, "The settings file.")->capture_default_str();
}

}  // namespace waypost
