#include "conversation/send_form.h"

#include <gtest/gtest.h>

namespace waypost {
namespace {

SendForm form_of(const char* request) { return choose_form(Json::parse(request)).value().form; }

std::string told(const char* request) {
  const auto read = read_send(Json::parse(request));
  std::string text;
  for (const auto& fault : read ? PartFaults() : read.error()) text += fault.path + ": " + fault.message + "\n";
  return text;
}

TEST(SendForm, IsDecidedByTheMembers) {
  EXPECT_EQ(form_of(R"({"body":"Hi"})"), SendForm::Short);
  EXPECT_EQ(form_of(R"({"text":"Hi"})"), SendForm::Short);
  EXPECT_EQ(form_of(R"({"text":{"body":"Hi"}})"), SendForm::Meta);
  EXPECT_EQ(form_of(R"({"type":"image","link":"https://example.com"})"), SendForm::Short);
  EXPECT_EQ(form_of(R"({"type":"image","image":{"id":"1"}})"), SendForm::Meta);
  EXPECT_EQ(form_of(R"({"type":"image","content":{"id":"1"}})"), SendForm::Content);
  EXPECT_EQ(form_of(R"({"type":"contacts","contacts":[]})"), SendForm::Meta);
  EXPECT_EQ(form_of(R"({"type":"image","content":null,"link":"https://example.com"})"), SendForm::Short);
}

TEST(SendForm, AMixtureIsRefused) {
  EXPECT_EQ(told(R"({"body":"Hi","content":{"body":"Hi"}})"), "body: does not belong beside content\n");
  EXPECT_EQ(told(R"({"type":"image","image":{"id":"1"},"caption":"c"})"), "caption: does not belong beside image\n");
  EXPECT_EQ(told(R"({"type":"image","link":"https://example.com/a","buttons":["Yes"]})"),
            "buttons: does not belong to a message of type image\n");
  EXPECT_EQ(told(R"({"type":"image","text":{"body":"Hi"},"image":{"id":"1"}})"),
            "text: does not belong beside image\n");
  EXPECT_EQ(told(R"({"body":"Hi","link":"https://example.com/a"})"),
            "link: does not belong to a message of type text\n");
  EXPECT_EQ(told(R"({"body":"Hi","text":"Ho"})"), "text: differs from body, which means the same\n");
  EXPECT_EQ(told(R"({"type":"interactive","body":"b","buttons":["Yes"],"url":{}})"),
            "buttons: exactly one of buttons, list and url\n");
  EXPECT_EQ(told(R"({"type":"template","name":"n","language":"en","components":[],"parameters":["a"]})"),
            "parameters: stands beside components: either they or parameters, header and buttons\n");
  EXPECT_EQ(told(R"({"type":"fax","body":"Hi"})"), "type: no type that can be sent\n");
  EXPECT_EQ(told(R"({"type":7})"), "type: must be a text\n");
}

TEST(SendForm, MembersOfNoFormArePassedOver) {
  EXPECT_EQ(told(R"({"body":"Hi","outsideWindow":"hold","replyTo":"wamid.A","colour":"red"})"), "");
}

TEST(SendForm, FaultsNameTheRequestsOwnMembers) {
  EXPECT_EQ(told(R"({})"), "text: is missing\n");
  EXPECT_EQ(told(R"({"body":""})"), "body: at least 1 character, has 0\n");
  EXPECT_EQ(told(R"({"type":"image"})"), "link: is missing: exactly one of link, id or uploadId\n");
  EXPECT_EQ(told(R"({"type":"image","mediaId":""})"), "mediaId: at least 1 character, has 0\n");
  EXPECT_EQ(told(R"({"type":"image","image":{"link":"x"}})"), "image.link: must be an https:// link\n");
  EXPECT_EQ(told(R"({"type":"contacts"})"), "contacts: is missing\n");
  EXPECT_EQ(told(R"({"type":"reaction","emoji":"x"})"), "messageId: is missing\n");
  EXPECT_EQ(told(R"({"type":"location","latitude":99,"longitude":1})"), "latitude: must be a number from -90 to 90\n");
  EXPECT_EQ(told(R"({"type":"interactive","body":"b","buttons":["a title of 26 characters.."]})"),
            "buttons[0].reply.title: at most 20 characters, has 26\n");
  EXPECT_EQ(told(R"({"type":"interactive","body":"b","buttons":"Yes"})"), "buttons: must be a list\n");
  EXPECT_EQ(told(R"({"type":"interactive","body":"b","list":{"rows":["a"]}})"), "list.button: is missing\n");
  EXPECT_EQ(told(R"({"type":"interactive","body":"b","list":{"button":"c"}})"), "list.rows: is missing\n");
  EXPECT_EQ(told(R"({"type":"interactive","body":"b","list":{"button":"c","rows":[""]}})"),
            "list.rows[0].title: at least 1 character, has 0\n");
  EXPECT_EQ(told(R"({"type":"interactive","body":"b","url":{"label":"l"}})"), "url.link: is missing\n");
  EXPECT_EQ(told(R"({"type":"interactive","body":"b","header":"","buttons":["Yes"]})"),
            "header: at least 1 character, has 0\n");
  EXPECT_EQ(told(R"({"type":"template","name":"n","language":"en","parameters":[""]})"),
            "parameters[0].text: at least 1 character, has 0\n");
  EXPECT_EQ(told(R"({"type":"template","name":"n","language":"en","parameters":[true]})"),
            "parameters[0]: must be a text\n");
  EXPECT_EQ(told(R"({"type":"template","name":"n","language":"en","parameters":{"a":[]}})"),
            "parameters.a: must be a text\n");
  EXPECT_EQ(told(R"({"type":"template","name":"n","language":"en","header":{"type":"image"}})"),
            "header.link: is missing: exactly one of link, id or uploadId\n");
  EXPECT_EQ(told(R"({"type":"template","name":"n","language":"en","buttons":[{"type":"url"}]})"),
            "buttons[0].parameters: is missing\n");
}

TEST(SendForm, ALongTextBecomesParts) {
  std::string body;
  while (body.size() < 9'000) body += "A sentence of some words. ";
  const auto read = read_send({{"body", body}, {"previewUrl", true}});
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 3U);
  std::string whole;
  for (const auto& part : *read) {
    EXPECT_EQ(part.type, "text");
    EXPECT_EQ(part.content["preview_url"], true);
    EXPECT_EQ(part.content["body"], *part.text);
    whole += *part.text + " ";
  }
  EXPECT_EQ(whole, body);
}

TEST(SendForm, ATextOfWhichNobodyReadsTheEndIsRefused) {
  EXPECT_TRUE(read_send({{"body", std::string(65'536, 'x')}}));
  const auto read = read_send({{"type", "text"}, {"content", {{"body", std::string(65'537, 'x')}}}});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error()[0].path, "content.body");
  EXPECT_EQ(read.error()[0].message, "at most 65536 characters, has 65537");
}

TEST(SendForm, AContentOfMoreThan64kIsRefused) {
  const auto read = read_send({{"type", "image"}, {"content", {{"id", "1"}, {"extra", std::string(70'000, 'x')}}}});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error()[0].path, "content");
}

}  // namespace
}  // namespace waypost
