#include "webhook/payload.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "conversation/account_news.h"
#include "conversation/opt_out.h"
#include "tests/webhook/gateway.h"
#include "tests/webhook/payload_files.h"

namespace waypost {
namespace {

namespace fs = std::filesystem;

using test::content_of;

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

Json shown(const MessageUpdate& update) {
  const auto& inbound = update.inbound;
  const auto& sender = inbound.sender;
  const auto& change = inbound.change;
  const auto& mark = inbound.mark;
  const auto& media = inbound.media;
  const auto& message = inbound.message;
  Json json{{"type", message.type},
            {"text", or_null(message.text)},
            {"at", to_millis(message.happened_at)},
            {"wamid", or_null(message.wamid)},
            {"userId", or_null(sender.user_id)},
            {"phone", or_null(sender.phone)}};
  if (message.outbound) json["sentBy"] = {message.author, name_of(message.state)};
  if (message.via != MessageVia::Own) json["via"] = name_of(message.via);
  if (!inbound.group.empty()) json["group"] = inbound.group;
  if (!inbound.referral.empty()) json["referral"] = Json::parse(inbound.referral);
  if (message.reply_to) json["replyTo"] = *message.reply_to;
  if (inbound.spoken && opt_word(opt_out_rules(Json()), *inbound.spoken)) json["keyword"] = *inbound.spoken;
  if (mark) json["mark"] = {name_of(mark->kind), mark->wamid, or_null(mark->text)};
  if (media) {
    json["media"] = {media->kind, or_null(media->id), media->said_type, or_null(media->file_name), media->refusal};
    if (media->said_hash) json["media"].push_back(hex(*media->said_hash));
  }
  if (change) {
    json["change"] = {or_null(change->before.user_id), or_null(change->before.phone), or_null(change->after.user_id),
                      or_null(change->after.phone)};
  }
  return json;
}

Json shown(const StatusUpdate& update) {
  const auto& status = update.status;
  const auto& failure = status.failure;
  return {{"word", text_or_empty(status.content, "status")},
          {"wamid", status.wamid},
          {"at", to_millis(status.at)},
          {"ours", status.ours ? Json(format_callback_data(*status.ours)) : Json()},
          {"failure",
           failure ? Json{{"reason", failure->reason}, {"code", or_null(failure->code)}, {"words", failure->words}}
                   : Json()}};
}

Json shown(const OtherUpdate& update) {
  return {{"field", update.field},
          {"place", update.origin.place},
          {"event", kind_of_news(update.field, update.value).event}};
}

Json shown(const Malformed& part) { return {{"place", part.origin.place}, {"reason", name_of(part.reason)}}; }

template <class Update>
Json all(const std::vector<Update>& updates) {
  Json list = Json::array();
  for (const auto& update : updates) list.push_back(shown(update));
  return list;
}

Json shown(const Payload& payload) {
  return {{"messages", all(payload.messages)},
          {"statuses", all(payload.statuses)},
          {"others", all(payload.others)},
          {"malformed", all(payload.malformed)}};
}

class PayloadFile : public testing::TestWithParam<fs::path> {};

TEST_P(PayloadFile, IsReadAsExpected) {
  const auto beside = test::expectation_beside(GetParam());
  ASSERT_TRUE(fs::exists(beside)) << "no expectation beside " << GetParam();
  auto expected = parse_json(content_of(beside));
  ASSERT_TRUE(expected);
  expected->erase("rows");
  const auto read = read_payload(content_of(GetParam()));
  EXPECT_EQ(shown(read), *expected) << shown(read).dump(1);
}

// What a dead letter keeps is read again as the same update.
TEST_P(PayloadFile, SlicesAreReadAgain) {
  const auto read = read_payload(content_of(GetParam()));
  for (const auto& update : read.messages) {
    const auto again = read_payload(slice_of(update));
    ASSERT_EQ(again.messages.size(), 1U);
    EXPECT_EQ(shown(again.messages.front()), shown(update));
    EXPECT_EQ(again.messages.front().inbound.message.prepared.content, update.inbound.message.prepared.content);
    EXPECT_EQ(again.messages.front().origin.phone_number_id, update.origin.phone_number_id);
  }
  for (const auto& update : read.statuses) {
    const auto again = read_payload(slice_of(update));
    ASSERT_EQ(again.statuses.size(), 1U);
    EXPECT_EQ(shown(again.statuses.front()), shown(update));
  }
  for (const auto& update : read.others) {
    const auto again = read_payload(slice_of(update));
    ASSERT_EQ(again.others.size(), 1U);
    EXPECT_EQ(again.others.front().field, update.field);
    EXPECT_EQ(again.others.front().time, update.time);
    EXPECT_EQ(again.others.front().origin.waba_id, update.origin.waba_id);
  }
}

// So does what cannot be read, that a later release may read it.
TEST_P(PayloadFile, UnreadablePartsAreFoundAgainInTheirSlices) {
  for (const auto& part : read_payload(content_of(GetParam())).malformed) {
    const auto again = read_payload(part.raw);
    ASSERT_EQ(again.malformed.size(), 1U) << part.raw;
    EXPECT_EQ(again.malformed.front().words, part.words);
    EXPECT_EQ(again.malformed.front().raw, part.raw);
    EXPECT_EQ(again.malformed.front().origin.phone_number_id, part.origin.phone_number_id);
    EXPECT_EQ(again.messages.size() + again.statuses.size() + again.others.size(), 0U) << part.raw;
  }
}

INSTANTIATE_TEST_SUITE_P(Payload, PayloadFile, testing::ValuesIn(test::payload_files()),
                         [](const auto& file) { return file.param.stem().string(); });

// Each way in which a part can be unreadable, its neighbours' words left out of its slice.
TEST(Payload, AnUnreadablePartKeepsAllThatALaterReleaseNeeds) {
  Json message = test::message_json({.id = "wamid.1"});
  const Json contact{{"wa_id", message["from"]}, {"user_id", message["from_user_id"]}, {"profile", {{"name", "Ann"}}}};
  message["timestamp"] = "soon";
  const Json other{{"wa_id", "1"}, {"profile", {{"name", "Somebody else"}}}};
  const auto body = test::envelope_of(
      {{"contacts", Json::array({other, contact})}, {"messages", Json::array({message})}, {"statuses", "none"}});
  auto read = read_payload(body);
  ASSERT_EQ(read.malformed.size(), 2U);
  auto kept = Json::parse(read.malformed[0].raw);
  auto& value = kept["entry"][0]["changes"][0]["value"];
  EXPECT_EQ(value["contacts"], Json::array({contact}));
  value["messages"][0]["timestamp"] = "1760000000";
  const auto mended = read_payload(dump(kept));
  ASSERT_EQ(mended.messages.size(), 1U);
  EXPECT_EQ(mended.messages[0].inbound.sender.profile_name, "Ann");
  EXPECT_EQ(mended.messages[0].origin.waba_id, test::kWaba);
  EXPECT_EQ(Json::parse(read.malformed[1].raw)["entry"][0]["changes"][0]["value"]["statuses"], "none");
}

TEST(Payload, AnUnreadableChangeKeepsItsEntrysTime) {
  const auto read = read_payload(R"({"entry":[{"id":"7","time":5,"changes":[{"value":{"event":"X"}}]}]})");
  ASSERT_EQ(read.malformed.size(), 1U);
  auto kept = Json::parse(read.malformed[0].raw);
  kept["entry"][0]["changes"][0]["field"] = "account_update";
  const auto mended = read_payload(dump(kept));
  ASSERT_EQ(mended.others.size(), 1U);
  EXPECT_EQ(mended.others[0].time, from_millis(5'000));
  EXPECT_EQ(mended.others[0].origin.waba_id, "7");
}

TEST(Payload, StatusesOfARecordAreReadAgainTogether) {
  auto read = read_payload(test::body_of(test::Word{.id = "wamid.a"}));
  read.statuses.push_back(read_payload(test::body_of(test::Word{.status = "failed", .id = "wamid.b"})).statuses[0]);
  const auto again = read_payload(slice_of(read.statuses));
  ASSERT_EQ(again.statuses.size(), 2U);
  for (std::size_t at = 0; at < 2; ++at) EXPECT_EQ(shown(again.statuses[at]), shown(read.statuses[at]));
}

TEST(Payload, ATimeBeyondTheCalendarIsNotReadable) {
  const auto read = read_payload(test::body_of(test::Text{.at = 999'999'999'999}));
  EXPECT_TRUE(read.messages.empty());
  EXPECT_EQ(read.malformed.size(), 1U);
}

}  // namespace
}  // namespace waypost
