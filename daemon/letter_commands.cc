#include "daemon/letter_commands.h"

#include <fmt/format.h>

#include <cstdio>

#include "base/crypto.h"
#include "daemon/command_line.h"
#include "daemon/when.h"
#include "net/http.h"

namespace waypost {
namespace {

std::int64_t number(const Json& json, const char* key) { return find_integer(json, key).value_or(0); }

Result<std::string> iso_of(const std::string& when) {
  const auto at = read_when(when, SystemClock().now());
  if (!at) return fail(at.error());
  return iso8601(*at);
}

// List and show -----------------------------------------------------------------------------------------------------

Result<std::string> list_path(const Words& words) {
  auto path = fmt::format("/admin/dead-letters?limit={}&offset={}&state={}", words.limit, words.offset, words.state);
  const auto add = [&path](const char* name, const std::string& value) {
    if (!value.empty()) path += fmt::format("&{}={}", name, percent_encoded(value));
  };
  add("reason", words.reason);
  add("app", words.of_app);
  add("phoneNumberId", words.phone_number_id);
  if (words.since.empty()) return path;
  const auto since = iso_of(words.since);
  if (!since) return since;
  add("since", *since);
  return path;
}

void show_line(const Json& letter) {
  fmt::print("{:36} {:11} {:24} {:>8} {:20} {}\n      {} {}: {}\n", text_or_empty(letter, "id"),
             text_or_empty(letter, "reason"), text_or_empty(letter, "receivedAt"), number(letter, "bytes"),
             text_or_empty(letter, "phoneNumberId"), text_or_empty(letter, "app"), number(letter, "journalPosition"),
             text_or_empty(letter, "place"), text_or_empty(letter, "words"));
}

Result<Json> list(const AdminLink& link, const Words& words) {
  const auto path = list_path(words);
  if (!path) return fail(path.error());
  auto told = link.ask("GET", *path, {});
  if (!told || words.json) return told;
  std::string waiting;
  for (const auto& [reason, n] : told->at("waiting").items()) waiting += fmt::format("  {} {}", reason, n.dump());
  fmt::print("waiting:{}\n", waiting);
  const Json* items = find_array(*told, "items");
  if (items == nullptr || items->empty()) {
    fmt::print("no such dead letters\n");
    return Json();
  }
  fmt::print("{:36} {:11} {:24} {:>8} {:20} {}\n", "id", "reason", "received", "bytes", "phone number id", "app");
  for (const auto& letter : *items) show_line(letter);
  const auto shown = static_cast<std::int64_t>(items->size()) + words.offset;
  if (shown < number(*told, "total")) fmt::print("more: --offset {}\n", shown);
  return Json();
}

// The bytes alone, so that a file can be made of them.
Result<Json> show_raw(const Json& letter) {
  auto raw = text_or_empty(letter, "raw");
  if (text_or_empty(letter, "encoding") == "base64") {
    auto bytes = from_base64(raw);
    if (!bytes) return fail(std::move(bytes.error()).during("reading waypostd's answer"));
    raw = *std::move(bytes);
  }
  std::fwrite(raw.data(), 1, raw.size(), stdout);
  return Json();
}

Result<Json> show(const AdminLink& link, const Words& words) {
  auto letter = link.ask("GET", "/admin/dead-letters/" + words.letter, {});
  if (!letter || !words.raw) return letter;
  return show_raw(*letter);
}

// Retry and re-ingest -----------------------------------------------------------------------------------------------

// Lines of progress; the last one says how it ended.
class ProgressLines {
 public:
  Result<void> take(std::string_view piece) {
    text_ += piece;
    for (auto end = text_.find('\n'); end != std::string::npos; end = text_.find('\n')) {
      auto line = parse_json(text_.substr(0, end));
      text_.erase(0, end + 1);
      if (!line) return fail(ErrorKind::Internal, "waypostd's answer cannot be read");
      last_ = *std::move(line);
      if (text_or_empty(last_, "state") == "working") tell();
    }
    return {};
  }
  Result<Json> end() const {
    const auto state = text_or_empty(last_, "state");
    if (state == "done") return counts();
    if (state == "failed") return fail(ErrorKind::Unavailable, text_or_empty(last_, "error"));
    return fail(ErrorKind::Unavailable, "waypostd stopped before the end: run the same again, what is done stays done");
  }

 private:
  void tell() const {
    std::string words;
    const auto counted = counts();
    for (const auto& [key, value] : counted.items())
      words += fmt::format("{}{} {}", words.empty() ? "" : ", ", key, value.dump());
    fmt::print(stderr, "waypost: {}\n", words);
  }
  Json counts() const {
    Json counted = last_;
    counted.erase("state");
    return counted;
  }

  std::string text_;
  Json last_ = Json::object();
};

Result<Json> ask_with_progress(const AdminLink& link, const std::string& path, const Json& body) {
  ProgressLines lines;
  const auto asked = link.ask_streamed("POST", path, body, [&](std::string_view piece) { return lines.take(piece); });
  if (!asked) return fail(asked.error());
  return lines.end();
}

Result<Json> filter_of(const Words& words) {
  Json body{{"startRuns", words.start_runs}, {"all", words.all}};
  if (!words.reason.empty()) body["reason"] = words.reason;
  if (!words.of_app.empty()) body["app"] = words.of_app;
  if (!words.phone_number_id.empty()) body["phoneNumberId"] = words.phone_number_id;
  if (words.since.empty()) return body;
  const auto since = iso_of(words.since);
  if (!since) return fail(since.error());
  body["since"] = *since;
  return body;
}

Result<Json> retry(const AdminLink& link, const Words& words) {
  const auto body = filter_of(words);
  if (!body) return fail(body.error());
  const bool filtered = words.all || body->size() > 2;
  if (!words.letter.empty() && filtered)
    return fail(ErrorKind::InvalidInput, "name one letter, or say which by options, not both");
  if (!words.letter.empty())
    return link.ask("POST", "/admin/dead-letters/" + words.letter + "/retry", {{"startRuns", words.start_runs}});
  if (!filtered) return fail(ErrorKind::InvalidInput, "say which: an id (waypost letters list), --reason, or --all");
  return ask_with_progress(link, "/admin/dead-letters/retry", *body);
}

Result<Json> drop(const AdminLink& link, const Words& words) {
  return link.ask("POST", "/admin/dead-letters/" + words.letter + "/drop", Json::object());
}

Result<Json> reingest(const AdminLink& link, const Words& words) {
  const auto from = iso_of(words.from);
  if (!from) return fail(from.error());
  Json body{{"from", *from}, {"startRuns", words.start_runs}, {"dryRun", words.dry_run}};
  if (!words.to.empty()) {
    const auto to = iso_of(words.to);
    if (!to) return fail(to.error());
    body["to"] = *to;
  }
  if (!words.of_app.empty()) body["app"] = words.of_app;
  return ask_with_progress(link, "/admin/reingest", body);
}

// Options -----------------------------------------------------------------------------------------------------------

void filter_options(CommandLine& line, CLI::App* made) {
  made->add_option("--reason", line.words.reason, "not_json, wrong_shape, no_channel or crashed.")
      ->check(CLI::IsMember({"not_json", "wrong_shape", "no_channel", "crashed"}));
  made->add_option("--app", line.words.of_app, "The Meta app it came by.");
  made->add_option("--phone-number-id", line.words.phone_number_id, "Meta's id of the business number.");
  made->add_option("--since", line.words.since,
                   "Became a dead letter since: 2026-11-23T15:52:46Z, or how long ago (6h, 2d).");
}

void start_runs_option(CommandLine& line, CLI::App* made) {
  made->add_flag(
      "--start-runs", line.words.start_runs,
      "Messages start runs as new ones do, if they are young enough (runs.trigger_max_age_hours); without it "
      "none does.");
}

void add_letters(CommandLine& line) {
  auto* family =
      line.family("letters",
                  "Dead letters: what webhooks brought and could not be read, or came for a number without a "
                  "channel. Nothing of it is lost: it waits here, as it came.");
  auto* listed = line.command(family, "list",
                              "Shows how many wait, by reason, and lists them, the newest first. "
                              "Example: waypost letters list --reason wrong_shape --since 2d",
                              list);
  filter_options(line, listed);
  listed->add_option("--state", line.words.state, "waiting, applied or all.")
      ->check(CLI::IsMember({"waiting", "applied", "all"}))
      ->capture_default_str();
  listed->add_option("--limit", line.words.limit, "How many, up to 100.")->capture_default_str();
  listed->add_option("--offset", line.words.offset, "Behind so many.")->capture_default_str();
  auto* shown = line.command(family, "show",
                             "Shows one with what it holds. It may be personal data of any workspace. "
                             "Example: waypost letters show ID --raw > letter.json",
                             show);
  shown->add_flag("--raw", line.words.raw, "Only the bytes, as they came.");
  auto* tried = line.command(family, "retry",
                             "Tries one, or all of a reason, through the parser of the running waypostd: after an "
                             "upgrade, say. What can be applied now is, once; the rest waits on. Ctrl-C stops it, and "
                             "what is applied stays. Example: waypost letters retry --reason wrong_shape",
                             retry);
  filter_options(line, tried);
  tried->add_flag("--all", line.words.all, "All that wait.");
  start_runs_option(line, tried);
  auto* dropped = line.command(family, "drop",
                               "Deletes one for ever: what it holds is never applied, unless its journal is "
                               "re-ingested. Example: waypost letters drop ID",
                               drop);
  for (auto* made : {shown, dropped})
    made->add_option("id", line.words.letter, "Its id (waypost letters list).")->required();
  tried->add_option("id", line.words.letter, "Its id (waypost letters list).");
}

}  // namespace

void add_letter_commands(CommandLine& line) {
  add_letters(line);
  auto* again = line.command(
      &line.app, "reingest",
      "Reads a span of the journal again, through the parser of the running waypostd, and applies what was never "
      "applied; what was changes nothing. It is the journal of the node that answers on the socket: ask each node for "
      "its own. Ctrl-C stops it, and what is applied stays. "
      "Example: waypost reingest --from 6h --dry-run",
      reingest);
  again->add_option("--from", line.words.from, "Received since: 2026-11-23T15:52:46Z, or how long ago (6h, 2d).")
      ->required();
  again->add_option("--to", line.words.to, "Received before (default: now).");
  again->add_option("--app", line.words.of_app, "Only what came by this Meta app.");
  start_runs_option(line, again);
  again->add_flag("--dry-run", line.words.dry_run, "Applies nothing, and counts what it would.");
}

}  // namespace waypost
