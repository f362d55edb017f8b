#include "tests/outbound/stage.h"

#include "base/check.h"
#include "store/channels.h"
#include "store/event_numbers.h"
#include "store/events.h"
#include "store/inbound.h"
#include "store/outbox.h"
#include "store/portfolio.h"
#include "store/statuses.h"
#include "store/templates.h"

namespace waypost::test {

Stage::Stage() {
  database = place.open();
  in_store([&](sql::Connection& connection) {
    tenant = store::create_tenant(connection, "Shop", clock.now()).id;
    const store::Channel made{.tenant = tenant,
                              .name = "Main",
                              .app = "default",
                              .phone_number_id = "106",
                              .waba_id = "waba",
                              .display_phone_number = "+1 555",
                              .sealed_access_token = keyring.seal(Secret("token-1"), store::kAccessTokenPurpose)};
    channel_id = store::create_channel(connection, made, clock.now())->id;
  });
  customer_writes();
  pass(seconds(2));
  restart();
}

SenderParts Stage::parts() {
  return {.database = database.get(),
          .graph = &graph,
          .signals = &signals,
          .clock = &clock,
          .keyring = &keyring,
          .webhooks_applied = [this] { return applied_until.value_or(clock.now()); }};
}

void Stage::restart() { sender = std::make_unique<Sender>(parts(), settings, GraphSettings{}); }

void Stage::given_listed(const std::string& name, const std::string& category) {
  in_store([&](sql::Connection& connection) {
    const store::Template listed{.tenant = tenant,
                                 .waba_id = "waba",
                                 .name = name,
                                 .language = "en_US",
                                 .category = category,
                                 .status = "APPROVED",
                                 .synced_at = clock.now()};
    store::upsert_template(connection, listed, clock.now());
    store::note_templates_synced(connection, {.tenant = tenant, .waba_id = "waba", .at = clock.now()});
  });
  pass(seconds(1));
}

void Stage::customer_writes() {
  in_store([&](sql::Connection& connection) {
    store::Inbound inbound{.phone_number_id = "106", .sender = {.phone = "491701234567"}};
    inbound.message.tenant = tenant;
    inbound.message.channel = channel_id;
    inbound.message.text = "hello";
    inbound.message.wamid = "wamid.in." + std::to_string(++wrote_);
    inbound.message.happened_at = clock.now();
    store::receive_message(connection, inbound, clock.now());
    contact = *store::contact_of_alias(connection, tenant, {.kind = AliasKind::Phone, .value = "491701234567"});
    conversation_id = store::conversation_of(connection, tenant, contact, channel_id)->id;
  });
}

MessageId Stage::given_message(std::string text, std::optional<WindowPolicy> policy) {
  const auto where = conversation();
  return in_store([&](sql::Connection& connection) {
    store::Message message{.type = "text", .text = text, .content = {{"body", text}}};
    message.author = "api";
    message.policy = policy;
    message.expires_at = clock.now() + settings.validity;
    return store::queue_message(connection, where, message, clock.now()).id;
  });
}

MessageId Stage::given_template_message(const std::string& name) {
  const auto where = conversation();
  return in_store([&](sql::Connection& connection) {
    store::Message message{.type = "template", .content = {{"name", name}, {"language", {{"code", "en_US"}}}}};
    message.author = "api";
    message.expires_at = clock.now() + settings.validity;
    return store::queue_message(connection, where, message, clock.now()).id;
  });
}

void Stage::given_fallback(std::string status, std::string category) {
  in_store([&](sql::Connection& connection) {
    store::set_fallback(
        connection, tenant,
        store::FallbackTemplate{.name = "back", .language = "en_US", .parameters = Json::array({"{{text}}"})},
        clock.now());
    const store::Template listed{.tenant = tenant,
                                 .waba_id = "waba",
                                 .name = "back",
                                 .language = "en_US",
                                 .category = category,
                                 .status = status,
                                 .components = Json::array({{{"type", "BODY"}, {"text", "We wrote: {{1}}"}}}),
                                 .synced_at = clock.now()};
    store::upsert_template(connection, listed, clock.now());
  });
}

void Stage::status_says(MessageId id, std::string_view status, std::optional<std::int64_t> code) {
  const auto row = message(id);
  in_store([&](sql::Connection& connection) {
    store::Status said{.wamid = row.wamid.value_or("wamid.of." + id.text()), .word = *meta_word(status)};
    said.at = clock.now();
    said.ours = CallbackData{.message = id, .attempt = row.attempt};
    if (code) said.failure = store::Failure{.reason = "rejected", .code = code, .words = "Meta's words"};
    store::apply_status(connection, {.tenant = tenant, .channel = channel_id}, said, clock.now());
  });
}

void Stage::status_fails(MessageId id, std::int64_t code) {
  const auto row = message(id);
  in_store([&](sql::Connection& connection) {
    store::Status said{.wamid = row.wamid.value_or("wamid.of." + id.text()), .word = MetaWord::Failed};
    said.at = clock.now();
    said.ours = CallbackData{.message = id, .attempt = row.attempt};
    said.content = {{"errors", Json::array({{{"code", code}, {"title", "Meta's words"}}})}};
    said.failure = store::failure_of(said.content);
    store::apply_status(connection, {.tenant = tenant, .channel = channel_id}, said, clock.now());
  });
}

void Stage::meta_limits_to(Json people) {
  in_store([&](sql::Connection& connection) {
    auto known = *store::lock_channel(connection, tenant, channel_id);
    known.standing["capability"] = {{"at", iso8601(clock.now())},
                                    {"value", {{"max_daily_conversations_per_business", people}}}};
    store::update_standing(connection, known, clock.now());
    return 0;
  });
}

std::int64_t Stage::reached() {
  return *database->read_and_wait(
      [&](sql::Connection& connection) { return store::count_reached(connection, "waba", clock.now()); });
}

void Stage::set_channel_state(std::string state, std::string token) {
  auto changed = channel();
  changed.state = std::move(state);
  changed.sealed_access_token = keyring.seal(Secret(std::move(token)), store::kAccessTokenPurpose);
  in_store([&](sql::Connection& connection) { return store::update_channel(connection, changed, clock.now()); });
}

std::optional<Time> Stage::send() {
  auto outcome = loop.wait(sender->handle(key()));
  EXPECT_TRUE(outcome.has_value()) << (outcome ? "" : outcome.error().words());
  return outcome ? *outcome : std::nullopt;
}

std::optional<Time> Stage::send_until(MessageId id, MessageState state) {
  constexpr int kTurns = 50;
  std::optional<Time> next;
  for (int turn = 0; turn < kTurns && state_of(id) != state; ++turn) {
    next = send();
    if (next && state_of(id) != state) clock.set(std::max(*next, clock.now()));
  }
  EXPECT_EQ(name_of(state_of(id)), name_of(state));
  return next;
}

store::Message Stage::message(MessageId id) {
  return *database->read_and_wait(
      [&](sql::Connection& connection) { return *store::find_message(connection, tenant, id); });
}

store::Contact Stage::person() {
  return *database->read_and_wait(
      [&](sql::Connection& connection) { return *store::find_contact(connection, tenant, contact); });
}

std::size_t Stage::sends_once() {
  const auto before = graph.posts.size();
  send();
  return graph.posts.size() - before;
}

store::Conversation Stage::conversation() {
  return *database->read_and_wait(
      [&](sql::Connection& connection) { return *store::find_conversation(connection, tenant, conversation_id); });
}

store::Channel Stage::channel() {
  return *database->read_and_wait(
      [&](sql::Connection& connection) { return *store::find_channel(connection, tenant, channel_id); });
}

std::vector<store::Message> Stage::of_author(std::string_view author) {
  auto all = *database->read_and_wait([&](sql::Connection& connection) {
    return store::list_messages(connection, tenant, conversation_id, {.limit = 1'000});
  });
  std::erase_if(all, [&](const store::Message& each) { return each.author != author; });
  std::ranges::sort(all, {}, &store::Message::seq);
  return all;
}

int Stage::events(std::string_view type) {
  const auto all = *database->write_and_wait(0, [&](sql::Connection& connection) {
    store::number_events(connection, 10'000);
    return store::events_after(connection, tenant, 0, 10'000);
  });
  return static_cast<int>(std::ranges::count(all, type, &store::Event::type));
}

std::vector<std::string> Stage::texts_posted() const {
  std::vector<std::string> texts;
  for (const auto& post : graph.posts) {
    const Json* text = find_object(post.message, "text");
    texts.push_back(text ? text_or_empty(*text, "body") : "<" + text_or_empty(post.message, "type") + ">");
  }
  return texts;
}

}  // namespace waypost::test
