#include "daemon/restore_commands.h"

#include <fmt/format.h>

#include <filesystem>

#include "daemon/command_line.h"

namespace waypost {
namespace {

Json of_workspace(const Words& words) {
  return words.workspace.empty() ? Json::object() : Json{{"workspaceId", words.workspace}};
}

Result<Json> list_held(const AdminLink& link, const Words& words) {
  auto held = link.ask("GET", "/admin/sends/held", {});
  if (!held || words.json || !find_array(*held, "items")->empty()) return held;
  fmt::print("nothing is held\n");
  return Json();
}

// Lines of progress; the last one says how it ended.
class AdoptionLines {
 public:
  Result<void> take(std::string_view piece) {
    text_ += piece;
    for (auto end = text_.find('\n'); end != std::string::npos; end = text_.find('\n')) {
      const auto line = parse_json(text_.substr(0, end));
      text_.erase(0, end + 1);
      if (!line) return fail(ErrorKind::Internal, "waypostd's answer cannot be read");
      last_ = *line;
      if (text_or_empty(last_, "state") == "applying")
        fmt::print(stderr, "waypost: applied {} of {}\n", find_integer(last_, "applied").value_or(0),
                   find_integer(last_, "end").value_or(0));
    }
    return {};
  }
  Result<Json> end() const {
    const auto state = text_or_empty(last_, "state");
    if (state == "adopted") return last_;
    if (state == "failed") return fail(ErrorKind::Unavailable, text_or_empty(last_, "error"));
    return fail(ErrorKind::Unavailable, "waypostd stopped before the journal's end: run the same again, it goes on");
  }

 private:
  std::string text_;
  Json last_;
};

Result<Json> adopt_journal(const AdminLink& link, const Words& words) {
  const auto folder = std::filesystem::weakly_canonical(words.path).string();
  AdoptionLines lines;
  const auto asked = link.ask_streamed("POST", "/admin/journals/adopt", {{"folder", folder}},
                                       [&](std::string_view piece) { return lines.take(piece); });
  if (!asked) return fail(asked.error());
  return lines.end();
}

}  // namespace

void add_restore_commands(CommandLine& line) {
  auto* family = line.family("sends", "What was waiting to be sent when the store was backed up, after a restore.");
  line.command(family, "held",
               "Lists what is held, by workspace and number: it may have gone out since the backup. "
               "Example: waypost sends held",
               list_held);
  auto* release = line.command(family, "release",
                               "Sends what is held; a customer may get a message twice. "
                               "Example: waypost sends release --workspace ID",
                               [](const AdminLink& link, const Words& words) {
                                 return link.ask("POST", "/admin/sends/release", of_workspace(words));
                               });
  auto* drop = line.command(family, "drop",
                            "Ends what is held as failed (dropped_after_restore); a status that comes later lifts it. "
                            "Example: waypost sends drop --workspace ID",
                            [](const AdminLink& link, const Words& words) {
                              return link.ask("POST", "/admin/sends/drop", of_workspace(words));
                            });
  for (auto* made : {release, drop})
    made->add_option("--workspace", line.words.workspace, "Of this workspace only (default: of all).");
  auto* adopt = line.command(&line.app, "adopt-journal",
                             "Applies the journal of a node that is gone, through this running waypostd; what was "
                             "applied already changes nothing, and one that was cut short goes on. "
                             "Example: waypost adopt-journal /var/lib/waypost/adopt/node-2",
                             adopt_journal);
  adopt->add_option("folder", line.words.path, "The folder with its *.journal files, owned by waypostd's user.")
      ->required();
}

}  // namespace waypost
