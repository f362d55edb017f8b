#include <gtest/gtest.h>

#include "tests/workflow/visiting.h"

namespace waypost::workflow {
namespace {

using namespace waypost::test;  // NOLINT(google-build-using-namespace): the fixture's words

TEST(SendMedia, SendsALinkWithItsVariablesFilledIn) {
  const auto plan =
      planned(send_media_node(), parsed(R"({"mediaType":"document","link":"https://x.example/{{contact.name}}",
      "caption":"For {{contact.name}}","filename":"{{message.text}}.pdf","outsideWindow":"hold"})"),
              scope());
  ASSERT_EQ(plan.effects.size(), 1U);
  EXPECT_EQ(sent(plan).type, "document");
  EXPECT_EQ(sent(plan).content,
            parsed(R"({"link":"https://x.example/Ana","caption":"For Ana","filename":"Menu.pdf"})"));
  EXPECT_EQ(sent(plan).text, "For Ana");
  EXPECT_EQ(sent(plan).policy, WindowPolicy::Hold);
  EXPECT_EQ(plan.handle, "out");
  EXPECT_EQ(plan.wait.has_value(), false);
}

TEST(SendMedia, SendsAnUploadOrMetasId) {
  const Json upload{{"mediaType", "image"}, {"uploadId", "01890a5d-ac96-774b-bcce-b302099a8057"}};
  EXPECT_EQ(sent(planned(send_media_node(), upload, scope())).content.at("uploadId"), upload.at("uploadId"));
  const Json media{{"mediaType", "sticker"}, {"mediaId", "123"}};
  EXPECT_EQ(sent(planned(send_media_node(), media, scope())).content, Json({{"id", "123"}}));
  EXPECT_EQ(sent(planned(send_media_node(), media, scope())).text, std::nullopt);
}

TEST(SendMedia, FailsOnWhatMetaWouldRefuse) {
  const auto failure = [](const Json& config) { return planned(send_media_node(), config, scope()).failure; };
  const auto bad_link = failure({{"mediaType", "image"}, {"link", "{{contact.name}}"}});
  ASSERT_TRUE(bad_link.has_value());
  EXPECT_EQ(bad_link->code, "bad_content");
  EXPECT_EQ(bad_link->words, "link: must be an https:// link");
  EXPECT_TRUE(failure({{"mediaType", "image"}, {"link", "{{contact.fields.x}}"}}).has_value());
}

TEST(SendMedia, NamesItsFaults) {
  const auto& faults = send_media_node().faults;
  EXPECT_TRUE(faults(parsed(R"({"mediaType":"audio","link":"{{contact.fields.url}}"})")).empty());
  EXPECT_TRUE(faults(parsed(R"({"mediaType":"image","uploadId":"{{contact.fields.id}}"})")).empty());
  EXPECT_EQ(faults(Json::object()), (Faults{{"mediaType", "must be image, video, audio, document or sticker"}}));
  EXPECT_EQ(faults(parsed(R"({"mediaType":"text","link":"https://x"})")).at(0).path, "mediaType");
  EXPECT_EQ(faults(parsed(R"({"mediaType":"image","link":"http://x"})")),
            (Faults{{"link", "must be an https:// link"}}));
  EXPECT_EQ(faults(parsed(R"({"mediaType":"image","link":"http://x/{{contact.name}}"})")),
            (Faults{{"link", "must be an https:// link"}}));
  EXPECT_EQ(faults(parsed(R"({"mediaType":"image"})")).at(0).path, "link");
  EXPECT_EQ(faults(parsed(R"({"mediaType":"image","link":"https://x","mediaId":"1"})")).at(0).path, "mediaId");
  EXPECT_EQ(faults(parsed(R"({"mediaType":"audio","link":"https://x","caption":"x"})")).at(0).path, "caption");
  EXPECT_EQ(faults(parsed(R"({"mediaType":"image","link":"https://x","outsideWindow":"no"})")),
            (Faults{{"outsideWindow", "must be reject, hold, template or template_then_hold"}}));
}

TEST(SendMedia, JudgesACaptionsLengthOnlyWithoutVariables) {
  Json config{{"mediaType", "image"}, {"link", "https://x"}, {"caption", std::string(1'025, 'x')}};
  EXPECT_EQ(send_media_node().faults(config).at(0).path, "caption");
  config["caption"] = std::string(1'025, 'x') + "{{contact.name}}";
  EXPECT_TRUE(send_media_node().faults(config).empty());
  EXPECT_EQ(planned(send_media_node(), config, scope()).failure->code, "bad_content");
}

}  // namespace
}  // namespace waypost::workflow
