#include "bench/run_store.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "sql/sqlite_database.h"
#include "store/channels.h"
#include "store/contacts.h"
#include "store/conversations.h"
#include "store/messages.h"
#include "store/migrate.h"
#include "store/tenants.h"
#include "store/triggers.h"
#include "workflow/catalogue.h"

namespace waypost::bench {
namespace {

constexpr std::size_t kAtOnce = 500;  // rows of a unit that fills the store
constexpr const char* kInput = R"({"target":"contact","field":"topic","value":"the price of 17"})";
constexpr const char* kOutput = R"({"previous":"the size of 16"})";

Json node(const char* id, const char* type, Json config = Json::object()) {
  return {{"id", id}, {"type", type}, {"position", {{"x", 0}, {"y", 0}}}, {"data", std::move(config)}};
}

Json edge(const char* source, const char* handle, const char* target) {
  return {{"source", source}, {"sourceHandle", handle}, {"target", target}};
}

// Every run writes both fields anew, because every message has a text of its own.
Json graph() {
  const Json price = {{"field", "message.text"}, {"operator", "contains"}, {"value", "price"}, {"label", "price"}};
  const Json topic = {{"target", "contact"}, {"field", "topic"}, {"value", "{{message.text}}"}};
  const Json last = {{"target", "conversation"}, {"field", "last"}, {"value", "{{message.text}}"}};
  const Json told = {{"name", "bench.topic"}, {"payload", {{"topic", "{{contact.fields.topic}}"}}}};
  return {{"nodes", Json::array({node("start", "trigger.inbound_message"), node("topic", "state.set_field", topic),
                                 node("which", "logic.switch", {{"conditions", Json::array({price})}}),
                                 node("last", "state.set_field", last), node("told", "event.emit", told)})},
          {"edges",
           Json::array({edge("start", "out", "topic"), edge("topic", "out", "which"), edge("which", "price", "last"),
                        edge("which", "default", "last"), edge("last", "out", "told")})},
          {"entry", "start"}};
}

}  // namespace

void give_up(const std::string& words) {
  std::fprintf(stderr, "run_bench: %s\n", words.c_str());
  std::exit(1);
}

RunStore::RunStore(const std::string& folder, std::size_t conversations)
    : database_(must(sql::open_sqlite({.path = folder + "/store.db"}))),
      nobody_(TenantId::make(clock_.now())),
      payload_(R"({"run":{"id":")" + std::string(400, 'x') + R"("}})") {
  must(store::migrate(*database_, sql::Engine::Sqlite, clock_.now()));
  write([this](sql::Connection& c) { return make_workspace(c); });
  make_places(conversations);
  // People do not write in the order in which they came: neighbours in a batch would share pages that others do not.
  std::ranges::shuffle(places_, std::mt19937(1));
}

Result<void> RunStore::make_workspace(sql::Connection& c) {
  const auto now = clock_.now();
  tenant_ = store::create_tenant(c, "Bench", now).id;
  const auto channel = store::create_channel(c, {.tenant = tenant_, .phone_number_id = "100"}, now);
  if (!channel) return fail(channel.error());
  channel_ = channel->id;
  const auto made = workflow::create_workflow(c, tenant_, "Topics", now);
  if (!made) return fail(made.error());
  const auto saved = workflow::save_draft(c, tenant_, made->id, graph(), now);
  if (!saved) return fail(saved.error());
  const auto published = workflow::publish_workflow(c, {.tenant = tenant_, .workflow = made->id}, now);
  if (!published) return fail(published.error());
  return {};
}

Place RunStore::make_place(sql::Connection& c, std::size_t number) const {
  const auto phone = std::to_string(4'915'000'000'000 + static_cast<std::int64_t>(number));
  const auto contact = store::create_contact(c, {.tenant = tenant_, .profile_name = "Customer", .phone = phone},
                                             {{.kind = store::AliasKind::Phone, .value = phone}}, clock_.now());
  if (!contact) give_up(contact.error().words());
  const auto conversation = store::open_conversation(c, tenant_, contact->id, channel_, clock_.now());
  return {.contact = contact->id, .conversation = conversation.id};
}

void RunStore::make_places(std::size_t count) {
  while (places_.size() < count) {
    const auto made = write([&](sql::Connection& c) {
      std::vector<Place> made;
      const auto end = std::min(count, places_.size() + kAtOnce);
      for (auto number = places_.size(); number < end; ++number) made.push_back(make_place(c, number));
      return made;
    });
    places_.insert(places_.end(), made.begin(), made.end());
  }
}

void RunStore::add_messages(std::size_t count) {
  for (std::size_t from = 0; from < count; from += kAtOnce) {
    write([&](sql::Connection& c) {
      for (auto at = from; at < std::min(count, from + kAtOnce); ++at) add_message(c, places_[at]);
    });
  }
}

void RunStore::add_message(sql::Connection& c, const Place& place) const {
  const auto now = clock_.now();
  const auto seq = c.run(
                        "UPDATE conversation SET next_seq = next_seq + 1 WHERE tenant_id = $1 AND id = $2 "
                        "RETURNING next_seq - 1",
                        {tenant_, place.conversation})
                       .front()
                       .number(0);
  const store::Message message{.tenant = tenant_,
                               .id = MessageId::make(now),
                               .conversation = place.conversation,
                               .seq = seq,
                               .channel = channel_,
                               .contact = place.contact,
                               .text = (seq % 2 == 0 ? "the price of " : "the size of ") + std::to_string(seq),
                               .happened_at = now,
                               .created_at = now,
                               .updated_at = now};
  store::insert_message(c, message);
  store::insert_trigger(
      c, {.tenant = tenant_, .conversation = place.conversation, .seq = seq, .message = message.id, .created_at = now});
}

std::pair<std::int64_t, std::int64_t> RunStore::completed() {
  return write([this](sql::Connection& c) {
    const auto rows = c.run(
        "SELECT count(*), COALESCE(sum(steps), 0) FROM run WHERE tenant_id = $1 AND status = 'completed'", {tenant_});
    return std::pair(rows.front().number(0), rows.front().number(1));
  });
}

std::int64_t RunStore::changes() {
  return write([](sql::Connection& c) { return c.total_changes(); });
}

void RunStore::write_bare(sql::Connection& c, const BareUnit& unit) const {
  const auto now = clock_.now();
  c.run(
      "INSERT INTO run (tenant_id, id, workflow_id, workflow_version, conversation_id, contact_id, channel_id, "
      "status, state, revision, steps, created_at, started_at, ended_at, updated_at) VALUES ($1, $2, $1, 1, $3, "
      "$4, $5, 'completed', '{}', 1, 5, $6, $6, $6, $6)",
      {nobody_, unit.run, unit.place.conversation, unit.place.contact, channel_, now});
  c.run("UPDATE contact SET updated_at = $3 WHERE tenant_id = $1 AND id = $2", {tenant_, unit.place.contact, now});
  c.run("UPDATE conversation SET updated_at = $3 WHERE tenant_id = $1 AND id = $2",
        {tenant_, unit.place.conversation, now});
  for (std::int64_t number = 1; number <= kStepsOfARun; ++number) {
    c.run(
        "INSERT INTO step (tenant_id, run_id, number, node_id, node_type, status, input, output, handle, attempt, "
        "started_at, ended_at) VALUES ($1, $2, $3, 'topic', 'state.set_field', 'completed', $4, $5, 'out', 1, $6, "
        "$6)",
        {nobody_, unit.run, number, sql::JsonText{kInput}, sql::JsonText{kOutput}, now});
  }
  for (std::int64_t event = 0; event < unit.events; ++event) {
    c.run(
        "INSERT INTO event (tenant_id, number, type, conversation_id, payload, created_at) VALUES ($1, $2, "
        "'run.completed', $3, $4, $5)",
        {nobody_, unit.first_event + event, unit.place.conversation, payload_, now});
  }
}

}  // namespace waypost::bench
