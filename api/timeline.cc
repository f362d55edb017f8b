#include "api/timeline.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/or_null.h"
#include "conversation/failure_reason.h"

namespace waypost::api {
namespace {

struct Item {
  Time at{};
  std::string_view kind{};
  std::string title{};
  Json details = Json::object();
};
using Items = std::vector<Item>;

std::string named(const std::string& name, std::string_view otherwise) {
  return name.empty() ? std::string(otherwise) : "“" + name + "”";
}

// --- Inbound -----------------------------------------------------------------------------------------------------

void add_arrival(Items& items, const store::MessageStory& story) {
  const auto& message = story.message;
  items.push_back({.at = message.happened_at,
                   .kind = "written",
                   .title = message.author == "contact" ? "The customer wrote it (Meta's time)" : "Written elsewhere",
                   .details = {{"type", message.type}, {"wamid", or_null(message.wamid)}}});
  if (message.received_at) {
    items.push_back({.at = *message.received_at,
                     .kind = "webhook",
                     .title = "Its webhook is in the journal, and acknowledged",
                     .details = {{"node", or_null(story.node)}, {"journalId", or_null(message.journal)}}});
  }
  items.push_back({.at = message.created_at,
                   .kind = "applied",
                   .title = "First seen, and applied; a repeat changes nothing",
                   .details = {{"contactId", message.contact.text()},
                               {"conversationId", message.conversation.text()},
                               {"seq", message.seq}}});
}

void add_media(Items& items, const store::Media& media) {
  const bool settled = media.settled_at.has_value();
  items.push_back({.at = media.settled_at.value_or(media.created_at),
                   .kind = "media",
                   .title = settled ? "Its file is " + std::string(name_of(media.state)) : "Its file is to be fetched",
                   .details = store::to_json(media)});
}

void add_waiting(Items& items, const store::Message& message) {
  items.push_back({.at = message.created_at, .kind = "waiting", .title = "No run has taken it yet"});
}

// --- Runs --------------------------------------------------------------------------------------------------------

void add_run(Items& items, const store::Run& run) {
  const Json details{{"runId", run.id.text()},
                     {"workflowId", run.workflow.text()},
                     {"workflowVersion", run.version},
                     {"status", run.status}};
  items.push_back({.at = run.created_at,
                   .kind = "run",
                   .title = "It starts a run of " + named(run.workflow_name, "a workflow"),
                   .details = details});
  if (run.status == "waiting") {
    items.push_back({.at = run.updated_at,
                     .kind = "run_waiting",
                     .title = "The run waits",
                     .details = {{"nodeId", or_null(run.position)}, {"dueAt", or_null(run.due_at)}}});
  }
  if (!run.ended_at) return;
  Json ended = details;
  ended["error"] = run.error ? Json{{"code", run.error->code}, {"message", run.error->words}} : Json();
  items.push_back({.at = *run.ended_at, .kind = "run_ended", .title = "The run is " + run.status, .details = ended});
}

Item item_of(const store::Step& step) {
  const Json whole = store::to_json(step);
  Json details = Json::object();
  for (const auto key : {"runId", "nodeId", "nodeType", "status", "handle", "error", "attempt", "durationMs"})
    details[key] = whole.at(key);
  return {.at = step.started_at, .kind = "step", .title = "Step " + step.node_type, .details = std::move(details)};
}

// --- Outbound ----------------------------------------------------------------------------------------------------

constexpr auto kMakers = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"user", "A person queued it"},
    {"api", "A program queued it by the API"},
    {"workflow", "A run queued it"},
    {"fallback", "The service window was closed: this template stands in for another message"},
    {"opt_out", "The confirmation of a stop or start word was queued"},
    {"app", "Somebody sent it elsewhere"},
});

std::string maker_of(const store::MessageStory& story) {
  if (story.message.author == "workflow" && story.run)
    return "A run of " + named(story.run->workflow_name, "a workflow") + " queued it";
  const auto* known =
      std::ranges::find(kMakers, story.message.author, &std::pair<std::string_view, std::string_view>::first);
  return std::string(known == kMakers.end() ? "It was queued" : known->second);
}

void add_making(Items& items, const store::MessageStory& story) {
  const auto& message = story.message;
  items.push_back({.at = message.created_at,
                   .kind = "made",
                   .title = maker_of(story),
                   .details = {{"author", message.author},
                               {"authorUserId", or_null(message.author_id)},
                               {"runId", or_null(message.run)},
                               {"nodeId", or_null(message.node_id)},
                               {"externalId", or_null(message.external_id)},
                               {"replaces", or_null(message.replaces)},
                               {"stream", message.stream},
                               {"outsideWindow", message.policy ? Json(name_of(*message.policy)) : Json()},
                               {"expiresAt", or_null(message.expires_at)}}});
}

std::string outcome_of(const Json& trace) {
  if (const auto failure = find_text(trace, "failure")) return *failure;
  const auto status = find_integer(trace, "status");
  if (!status) return "no answer is kept";
  const auto code = find_integer(trace, "code");
  return "HTTP " + std::to_string(*status) + (code ? ", Meta's code " + std::to_string(*code) : "");
}

Item item_of(const store::Exchange& exchange) {
  Json details{{"attempt", exchange.attempt}, {"endedAt", or_null(exchange.ended_at)}, {"exchange", exchange.trace}};
  return {.at = exchange.started_at,
          .kind = "attempt",
          .title = "Attempt " + std::to_string(exchange.attempt) + ": " + outcome_of(exchange.trace),
          .details = std::move(details)};
}

void add_attempts(Items& items, const store::MessageStory& story) {
  for (const auto& exchange : story.exchanges) items.push_back(item_of(exchange));
  const auto& message = story.message;
  const bool is_kept = !story.exchanges.empty() && story.exchanges.back().attempt == message.attempt;
  if (!message.attempt_at || is_kept) return;
  // The trace is of this attempt only once its end is written.
  const bool is_under_way = message.state == MessageState::Sending;
  items.push_back(item_of(store::Exchange{.attempt = message.attempt,
                                          .started_at = *message.attempt_at,
                                          .trace = is_under_way ? Json() : message.exchange}));
}

void add_status(Items& items, const store::Message& message, std::string_view word, const std::optional<Time>& at) {
  if (!at) return;
  const auto heard = find_integer(message.heard, word);
  items.push_back({.at = *at,
                   .kind = "status",
                   .title = "Meta's status: " + std::string(word),
                   .details = {{"status", word}, {"heardAt", heard ? Json(iso8601(from_millis(*heard))) : Json()}}});
}

void add_failure(Items& items, const store::Message& message) {
  if (!message.failure) return;
  const auto& failure = *message.failure;
  const auto heard = find_integer(message.heard, "failed");
  const bool expired = message.state == MessageState::Expired;
  items.push_back({.at = message.failed_at.value_or(message.updated_at),
                   .kind = expired ? "expired" : "failed",
                   .title = (expired ? "It expired: " : "It failed: ") + failure.reason,
                   .details = {{"reason", failure.reason},
                               {"code", or_null(failure.code)},
                               {"message", failure.words},
                               {"advice", advice_of(failure.reason)},
                               {"heardAt", heard ? Json(iso8601(from_millis(*heard))) : Json()}}});
}

void add_standing(Items& items, const store::MessageStory& story) {
  const auto& message = story.message;
  if (message.state == MessageState::Held) {
    items.push_back({.at = message.updated_at,
                     .kind = "held",
                     .title = "Outside the service window: it waits until the customer writes",
                     .details = {{"until", or_null(message.expires_at)}}});
  }
  if (message.state == MessageState::Unknown) {
    items.push_back({.at = message.updated_at,
                     .kind = "unknown",
                     .title = "Meta's answer was lost: a status will say what became of it",
                     .details = {{"until", or_null(message.due_at)}}});
  }
  if (!message.replaced_by) return;
  const auto& instead = story.replacement;
  items.push_back({.at = instead ? instead->created_at : message.updated_at,
                   .kind = "replaced",
                   .title = "Another message goes instead",
                   .details = {{"messageId", message.replaced_by->text()},
                               {"author", instead ? Json(instead->author) : Json()},
                               {"status", instead ? Json(name_of(instead->state)) : Json()}}});
}

// `otherwise`: when it is not known since when.
void add_pricing(Items& items, const Json& pricing, Time otherwise) {
  if (!pricing.is_object()) return;
  const auto at = parse_iso8601(text_or_empty(pricing, "at"));
  items.push_back({.at = at.value_or(otherwise), .kind = "pricing", .title = "Meta bills it", .details = pricing});
}

// What Meta says of one participant of the group.
void add_recipient(Items& items, const store::RecipientProgress& recipient, Time otherwise) {
  const auto add = [&](std::string_view word, const std::optional<Time>& at) {
    if (!at) return;
    Json details{{"participant", recipient.participant}, {"status", word}};
    if (word == "failed") details["code"] = or_null(recipient.failure_code);
    items.push_back({.at = *at,
                     .kind = "recipient",
                     .title = "Meta's status for participant " + recipient.participant + ": " + std::string(word),
                     .details = std::move(details)});
  };
  add("sent", recipient.sent_at);
  add("delivered", recipient.delivered_at);
  add("read", recipient.read_at);
  add("failed", recipient.failed_at);
  Json pricing = recipient.pricing;
  if (pricing.is_object()) pricing["participant"] = recipient.participant;
  add_pricing(items, pricing, otherwise);
}

void add_outbound(Items& items, const store::MessageStory& story) {
  const auto& message = story.message;
  add_making(items, story);
  add_attempts(items, story);
  if (message.accepted_at) {
    items.push_back({.at = *message.accepted_at,
                     .kind = "accepted",
                     .title = "Meta accepted it",
                     .details = {{"wamid", or_null(message.wamid)}}});
  }
  add_status(items, message, "sent", message.sent_at);
  add_status(items, message, "delivered", message.delivered_at);
  add_status(items, message, "read", message.read_at);
  for (const auto& recipient : story.recipients) add_recipient(items, recipient, message.updated_at);
  add_pricing(items, message.pricing, message.updated_at);
  add_failure(items, message);
  add_standing(items, story);
}

void add_inbound(Items& items, const store::MessageStory& story) {
  add_arrival(items, story);
  if (story.media) add_media(items, *story.media);
  if (story.waits_for_run) add_waiting(items, story.message);
  if (!story.run) return;
  for (const auto& step : story.steps) items.push_back(item_of(step));
  add_run(items, *story.run);
}

// Those of one moment stay as they are.
Items in_order(Items items) {
  Items ordered;
  for (auto& item : items) {
    const auto place = std::ranges::upper_bound(ordered, item.at, {}, &Item::at);
    ordered.insert(place, std::move(item));
  }
  return ordered;
}

Json shown(const Items& items) {
  Json all = Json::array();
  for (const auto& item : items)
    all.push_back({{"at", iso8601(item.at)}, {"kind", item.kind}, {"title", item.title}, {"details", item.details}});
  return {{"items", std::move(all)}};
}

}  // namespace

Json timeline_of(const store::MessageStory& story) {
  Items items;
  if (story.message.outbound) {
    add_outbound(items, story);
  } else {
    add_inbound(items, story);
  }
  for (const auto& mark : story.marks) {
    items.push_back({.at = mark.at,
                     .kind = "mark",
                     .title = "A later message speaks of it: " + std::string(name_of(mark.says.kind)),
                     .details = {{"author", mark.author}, {"text", or_null(mark.says.text)}}});
  }
  return shown(in_order(std::move(items)));
}

}  // namespace waypost::api
