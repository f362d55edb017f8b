// tests/data/send: what comes to us in <name>.json ({"request", "contact", "replyTo"?, "media"?: Meta's ids by
// uploads'}), and beside it in <name>.expected.json the very JSON that goes to Meta. A file without an expectation
// fails.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "conversation/send_form.h"
#include "conversation/upload.h"
#include "outbound/request.h"

namespace waypost {
namespace {

const std::filesystem::path kFolder = std::filesystem::path(WAYPOST_TEST_DATA) / "send";
constexpr std::string_view kExpected = ".expected.json";

Json read_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return Json::parse(text.str());
}

std::vector<std::string> names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    const auto name = entry.path().filename().string();
    if (!name.ends_with(kExpected)) names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

std::string told(const PartFaults& faults) {
  std::string text;
  for (const auto& fault : faults) text += fault.path + ": " + fault.message + "\n";
  return text;
}

store::Contact contact_of(const Json& given) {
  store::Contact contact;
  contact.phone = find_text(given, "phone");
  contact.user_id = find_text(given, "userId");
  contact.group_id = find_text(given, "groupId");
  return contact;
}

// A body as it goes to Meta says so; the API reads these members itself.
Json without_envelope(Json request) {
  request.erase("messaging_product");
  request.erase("recipient_type");
  return request;
}

class SendFile : public ::testing::TestWithParam<std::string> {};

TEST_P(SendFile, GoesToMetaAsItSays) {
  const auto expected = kFolder / (GetParam() + std::string(kExpected));
  ASSERT_TRUE(std::filesystem::exists(expected)) << "no expectation beside it";
  const auto given = read_json(kFolder / (GetParam() + ".json"));
  const auto read = read_send(without_envelope(given["request"]));
  ASSERT_TRUE(read) << told(read.error());
  ASSERT_EQ(read->size(), 1U);
  store::Message row{.id = *MessageId::parse("01980000-0000-7000-8000-000000000001"),
                     .type = read->front().type,
                     .content = read->front().content};
  if (const Json* media = find_object(given, "media"))
    row.content = with_ids_of_meta(row.content, media->get<std::map<std::string, std::string>>());
  row.attempt = 1;
  row.reply_to = find_text(given, "replyTo");
  EXPECT_EQ(message_request(row, contact_of(given["contact"])), read_json(expected));
}

INSTANTIATE_TEST_SUITE_P(Data, SendFile, ::testing::ValuesIn(names()), [](const auto& of) { return of.param; });

TEST(SendFiles, EachExpectationHasItsFile) {
  std::size_t expectations = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    expectations += entry.path().filename().string().ends_with(kExpected);
  }
  EXPECT_EQ(expectations, names().size());
  EXPECT_GE(names().size(), 100U);
}

}  // namespace
}  // namespace waypost
