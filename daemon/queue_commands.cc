#include "daemon/queue_commands.h"

#include <fmt/format.h>

#include "daemon/command_line.h"

namespace waypost {
namespace {

std::int64_t number(const Json& json, const char* key) { return find_integer(json, key).value_or(0); }

const Json& items_of(const Json& json, const char* key) {
  static const Json kNone = Json::array();
  const Json* items = find_array(json, key);
  return items ? *items : kNone;
}

// What people call a workspace, and what commands do.
std::string workspace_of(const Json& item) {
  return fmt::format("{} ({})", text_or_empty(item, "workspace"), text_or_empty(item, "workspaceId"));
}

std::string reach_words(const Json& pause) {
  const auto scope = text_or_empty(pause, "scope");
  if (scope == "installation") return "everything";
  if (scope == "workspace") return workspace_of(pause);
  return fmt::format("channel {} ({}) of {}", text_or_empty(pause, "channel"), text_or_empty(pause, "channelId"),
                     workspace_of(pause));
}

void show_owners(const Json& redis) {
  for (const auto& owner : items_of(redis, "owners"))
    fmt::print("  {:>8} ready {:>8} leased  {}\n", number(owner, "ready"), number(owner, "leased"),
               workspace_of(owner));
  const Json* others = find_object(redis, "others");
  if (others == nullptr || number(*others, "owners") == 0) return;
  fmt::print("  {:>8} ready {:>8} leased  {} other workspaces\n", number(*others, "ready"), number(*others, "leased"),
             number(*others, "owners"));
}

void show_redis(const Json& queue) {
  const Json* redis = find_object(queue, "redis");
  if (redis == nullptr) {
    fmt::print("{}: Redis does not say: {}\n", text_or_empty(queue, "queue"), text_or_empty(queue, "redisError"));
    return;
  }
  fmt::print("{}: {} ready, {} leased, {} waiting\n", text_or_empty(queue, "queue"), number(*redis, "ready"),
             number(*redis, "leased"), number(*redis, "waiting"));
  show_owners(*redis);
}

void show_reasons(const Json& queue) {
  const Json* waiting = find_object(queue, "waiting");
  if (waiting == nullptr) return;
  std::string words;
  for (const auto& [reason, n] : waiting->items()) {
    if (n != 0) words += fmt::format("{}{} {}", words.empty() ? "" : ", ", reason, n.dump());
  }
  const bool at_least = queue.value("waitingIsAtLeast", false);
  fmt::print("  in the store{}: {}; buried keys: {}\n", at_least ? " (at least)" : "",
             words.empty() ? "nothing" : words, number(queue, "buried"));
}

void show_queue(const Json& queue) {
  show_redis(queue);
  show_reasons(queue);
  for (const auto& oldest : items_of(queue, "oldest"))
    fmt::print("  {:>8} s the oldest   {}\n", number(oldest, "seconds"), workspace_of(oldest));
  for (const auto& pause : items_of(queue, "paused"))
    fmt::print("  paused since {} by {}: {}  {}\n", text_or_empty(pause, "pausedAt"), text_or_empty(pause, "pausedBy"),
               text_or_empty(pause, "reason"), reach_words(pause));
  fmt::print("\n");
}

Result<Json> show_stats(const AdminLink& link, const Words& words) {
  auto told = link.ask("GET", "/admin/queues", {});
  if (!told || words.json) return told;
  for (const auto& queue : items_of(*told, "queues")) show_queue(queue);
  return Json();
}

void show_buried(const Json& item) {
  fmt::print("{:5} {:36} {:6} {:>8} {:24} {}\n      {}\n", text_or_empty(item, "queue"),
             text_or_empty(item, "conversationId"), text_or_empty(item, "stream"), number(item, "attempts"),
             text_or_empty(item, "buriedAt"), workspace_of(item), text_or_empty(item, "words"));
}

Result<Json> list_buried(const AdminLink& link, const Words& words) {
  auto path = fmt::format("/admin/queues/buried?limit={}&offset={}", words.limit, words.offset);
  if (!words.queue.empty()) path += "&queue=" + words.queue;
  auto told = link.ask("GET", path, {});
  if (!told || words.json) return told;
  const auto& items = items_of(*told, "items");
  if (items.empty()) {
    fmt::print("nothing is buried\n");
    return Json();
  }
  fmt::print("{:5} {:36} {:6} {:>8} {:24} {}\n", "queue", "conversation", "stream", "attempts", "buried", "workspace");
  for (const auto& item : items) show_buried(item);
  if (told->value("hasMore", false)) fmt::print("more: --offset {}\n", words.offset + words.limit);
  return Json();
}

Json of_key(const Words& words) {
  Json body{{"workspaceId", words.workspace}};
  if (!words.stream.empty()) body["stream"] = words.stream;
  return body;
}

Command on_buried(const char* what) {
  return [what](const AdminLink& link, const Words& words) {
    return link.ask("POST", fmt::format("/admin/queues/{}/buried/{}/{}", words.queue, words.conversation, what),
                    of_key(words));
  };
}

// The daemon says what is missing, or too much.
Json reach_of(const Words& words) {
  Json reach = Json::object();
  if (!words.workspace.empty()) reach["workspaceId"] = words.workspace;
  if (!words.channel.empty()) reach["channelId"] = words.channel;
  if (words.all) reach["all"] = true;
  return reach;
}

Result<Json> pause(const AdminLink& link, const Words& words) {
  Json body = reach_of(words);
  body["reason"] = words.reason;
  return link.ask("POST", fmt::format("/admin/queues/{}/pause", words.queue), body);
}

Result<Json> resume(const AdminLink& link, const Words& words) {
  return link.ask("POST", fmt::format("/admin/queues/{}/resume", words.queue), reach_of(words));
}

CLI::Option* queue_option(CommandLine& line, CLI::App* made) {
  return made->add_option("queue", line.words.queue, "runs, sends or media.")
      ->check(CLI::IsMember({"runs", "sends", "media"}));
}

void add_buried(CommandLine& line, CLI::App* family) {
  auto* buried = line.command(family, "buried",
                              "Lists keys whose work failed too often: nobody tries them by themselves any more. "
                              "Example: waypost queue buried sends",
                              list_buried);
  queue_option(line, buried);
  buried->add_option("--limit", line.words.limit, "How many, up to 500.")->capture_default_str();
  buried->add_option("--offset", line.words.offset, "Behind so many.")->capture_default_str();
  auto* revive = line.command(family, "revive",
                              "Tries a buried key anew, when what it failed of is mended. "
                              "Example: waypost queue revive sends CONVERSATION --workspace ID",
                              on_buried("revive"));
  auto* drop =
      line.command(family, "drop",
                   "Ends what stands first in a buried key (a message or a run fails, reason dropped; a message "
                   "starts no run; or a file is unavailable) and tries the rest. "
                   "Example: waypost queue drop sends CONVERSATION --workspace ID",
                   on_buried("drop"));
  for (auto* made : {revive, drop}) {
    queue_option(line, made)->required();
    made->add_option("conversation", line.words.conversation, "Id of the conversation (waypost queue buried).")
        ->required();
    line.workspace_option(made);
    made->add_option("--stream", line.words.stream, "reply or bulk (default: whichever is buried).")
        ->check(CLI::IsMember({"reply", "bulk"}));
  }
}

void add_pauses(CommandLine& line, CLI::App* family) {
  auto* stop =
      line.command(family, "pause",
                   "Takes no more work of a channel, a workspace or all from a queue until it is resumed; what "
                   "is in hand ends, customers' messages go on coming in, and nothing is lost. "
                   "Example: waypost queue pause sends --workspace ID --reason \"wrong prices go out\"",
                   pause);
  stop->add_option("--reason", line.words.reason, "Why, for whoever finds it.")->required();
  auto* go_on =
      line.command(family, "resume", "Ends a pause. Example: waypost queue resume sends --workspace ID", resume);
  for (auto* made : {stop, go_on}) {
    queue_option(line, made)->required();
    auto* channel = made->add_option("--channel", line.words.channel, "Id of the channel; of runs and sends.");
    auto* all = made->add_flag("--all", line.words.all, "The whole installation.");
    made->add_option("--workspace", line.words.workspace, "Id of the workspace (waypost workspace list).")
        ->excludes(all);
    channel->excludes(all);
  }
}

}  // namespace

void add_queue_commands(CommandLine& line) {
  auto* family =
      line.family("queue", "The queues of runs, sends and media: what waits and why, what is buried, stop buttons.");
  line.command(family, "stats",
               "Shows the queues: ready, in hand and waiting, by workspace, by reason and age. "
               "Example: waypost queue stats",
               show_stats);
  add_buried(line, family);
  add_pauses(line, family);
}

}  // namespace waypost
