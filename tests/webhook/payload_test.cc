#include "webhook/payload.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "conversation/account_news.h"
#include "conversation/opt_out.h"
#include "tests/webhook/gateway.h"

namespace waypost {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

Json shown(const MessageUpdate& update) {
  const auto& inbound = update.inbound;
  const auto& sender = inbound.sender;
  const auto& change = inbound.change;
  const auto& mark = inbound.mark;
  const auto& message = inbound.message;
  Json json{{"type", message.type},
            {"text", or_null(message.text)},
            {"at", to_millis(message.happened_at)},
            {"wamid", or_null(message.wamid)},
            {"userId", or_null(sender.user_id)},
            {"phone", or_null(sender.phone)}};
  if (message.reply_to) json["replyTo"] = *message.reply_to;
  if (inbound.is_referred) json["isReferred"] = true;
  if (inbound.spoken && opt_word(opt_out_rules(Json()), *inbound.spoken)) json["keyword"] = *inbound.spoken;
  if (mark) json["mark"] = {name_of(mark->kind), mark->wamid, or_null(mark->text)};
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

std::vector<fs::path> payload_files() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(fs::path(WAYPOST_TEST_DATA) / "webhook")) {
    if (!entry.path().string().ends_with(".expected.json")) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

class PayloadFile : public testing::TestWithParam<fs::path> {};

TEST_P(PayloadFile, IsReadAsExpected) {
  auto beside = GetParam();
  beside.replace_extension(".expected.json");
  ASSERT_TRUE(fs::exists(beside)) << "no expectation beside " << GetParam();
  const auto expected = parse_json(content_of(beside));
  ASSERT_TRUE(expected);
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

INSTANTIATE_TEST_SUITE_P(Payload, PayloadFile, testing::ValuesIn(payload_files()),
                         [](const auto& file) { return file.param.stem().string(); });

const std::vector<Json>& wrong_values() {
  static const std::vector<Json> kValues{nullptr,          true,          1.5, 18'446'744'073'709'551'615ULL, "x",
                                         Json::array({1}), Json{{"a", 1}}};
  return kValues;
}

// Every key of every payload in turn gets every wrong shape, or goes: nothing crashes, and the message beside it lives.
void break_each_key(Json& whole, Json& part, const std::function<void()>& check) {
  if (!part.is_structured()) return;
  std::vector<Json::iterator> places;
  for (auto at = part.begin(); at != part.end(); ++at) places.push_back(at);
  for (auto& at : places) {
    const Json kept = *at;
    for (const auto& wrong : wrong_values()) {
      *at = wrong;
      check();
    }
    *at = kept;
    break_each_key(whole, *at, check);
  }
}

TEST(Payload, NoWrongShapeHarmsTheUpdateBesideIt) {
  const auto beside = Json::parse(test::body_of(test::Text{.id = "wamid.beside"}))["entry"][0];
  for (const auto& file : payload_files()) {
    auto json = parse_json(content_of(file));
    if (!json || !json->is_object() || !find_array(*json, "entry")) continue;
    Json& entries = (*json)["entry"];
    Json broken = entries;
    break_each_key(*json, broken, [&] {
      Json whole{{"entry", broken}};
      whole["entry"].push_back(beside);
      const auto read = read_payload(dump(whole));
      const auto is_beside = [](const auto& update) { return update.inbound.message.wamid == "wamid.beside"; };
      EXPECT_EQ(std::ranges::count_if(read.messages, is_beside), 1) << dump(whole);
    });
  }
}

TEST(Payload, ATimeBeyondTheCalendarIsNotReadable) {
  const auto read = read_payload(test::body_of(test::Text{.at = 999'999'999'999}));
  EXPECT_TRUE(read.messages.empty());
  EXPECT_EQ(read.malformed.size(), 1U);
}

}  // namespace
}  // namespace waypost
