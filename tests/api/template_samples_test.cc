// Samples of templates' headers, by uploads: Meta gets the file, and then the template with its handle.

#include <gmock/gmock.h>

#include "media/folder.h"
#include "tests/api/api_fixture.h"

namespace waypost::test {
namespace {

using testing::ElementsAre;

class TemplateSamples : public ApiTest {
 protected:
  TemplateSamples() {
    tenant_ = given_workspace();
    parts_.media = files_.get();
    parts_.ask_graph = [this](GraphCall call) -> awaitable<Result<GraphReply>> {
      asked_.push_back(call.method + " " + call.path.substr(0, call.path.find('?')));
      if (!call.body.is_null()) bodies_.push_back(call.body);
      if (call.path.starts_with("/debug_token"))
        co_return GraphReply{.body = {{"data", {{"app_id", "900"}, {"is_valid", true}}}}};
      co_return GraphReply{.body = {{"id", "901"}, {"status", "PENDING"}, {"category", "MARKETING"}}};
    };
    parts_.upload_sample = [this](GraphAccess app, FileToUpload file) { return take(std::move(app), std::move(file)); };
    const auto channel = given_channel(tenant_);
    EXPECT_EQ(ask("PATCH", "/api/channels/" + channel.id.text(), as_admin(tenant_), {{"accessToken", "t"}}).status,
              200);
    asked_.clear();
  }
  awaitable<Result<std::string>> take(GraphAccess app, FileToUpload file) {
    samples_.push_back(app.id + " " + app.token.reveal() + " " + file.type + " " + file.name);
    taken_.clear();
    while (taken_.size() < file.bytes.size) taken_ += (co_await file.bytes.next()).value();
    if (refusal_) co_return fail(*refusal_);
    co_return std::string("4::handle");
  }
  std::string given_upload(TenantId tenant) {
    Ask asked{.headers = as_agent(tenant), .body = png_};
    asked.headers.emplace_back("Content-Type", "image/png");
    const auto made = ask("POST", "/api/media?filename=cover.png", std::move(asked));
    EXPECT_EQ(made.status, 201) << made.body;
    return made.json["id"];
  }
  Answer make(const Json& example, const std::string& format = "IMAGE") {
    const Json header{{"type", "HEADER"}, {"format", format}, {"example", example}};
    const Json body{{"type", "BODY"}, {"text", "An offer."}};
    return ask("POST", "/api/templates", as_admin(tenant_),
               {{"name", "offer"},
                {"language", "en_US"},
                {"category", "MARKETING"},
                {"components", Json::array({header, body})}});
  }
  static std::vector<std::string> paths_of(const Answer& answer) {
    std::vector<std::string> paths;
    for (const auto& one : answer.json.value("details", Json::array())) paths.push_back(one["path"]);
    return paths;
  }

  const std::string png_ =
      from_base64("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
          .value();
  TenantId tenant_;
  std::vector<std::string> asked_, samples_;
  std::vector<Json> bodies_;
  std::string taken_;
  std::optional<Error> refusal_;
  std::unique_ptr<media::MediaFolder> files_ = media::MediaFolder::open(folder_.file("media"), "node-1").value();
};

TEST_F(TemplateSamples, AnUploadBecomesAHandle) {
  const auto made = make({{"uploadId", given_upload(tenant_)}});
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_THAT(asked_, ElementsAre("GET /debug_token", "POST /2001/message_templates"));
  EXPECT_THAT(samples_, ElementsAre("900 t image/png cover.png"));
  EXPECT_EQ(taken_, png_);
  const Json example{{"header_handle", {"4::handle"}}};
  EXPECT_EQ(bodies_.at(0)["components"][0]["example"], example);
  EXPECT_EQ(made.json["components"][0]["example"], example);
}

TEST_F(TemplateSamples, AHandleIsTakenAsItIs) {
  ASSERT_EQ(make({{"header_handle", {"4::mine"}}}).status, 201);
  EXPECT_THAT(asked_, ElementsAre("POST /2001/message_templates"));
  EXPECT_TRUE(samples_.empty());
}

TEST_F(TemplateSamples, OneThatDoesNotFitIsNamedAndMetaIsNotAsked) {
  const auto field = ElementsAre("components.0.example.uploadId");
  const auto id = given_upload(tenant_);
  EXPECT_THAT(paths_of(make({{"uploadId", given_upload(given_workspace("Other"))}})), field);
  EXPECT_THAT(paths_of(make({{"uploadId", "7"}})), field);
  EXPECT_THAT(paths_of(make({{"uploadId", id}}, "VIDEO")), field);
  EXPECT_THAT(paths_of(make({{"uploadId", id}, {"header_handle", {"4::mine"}}})),
              ElementsAre("components.0.example.header_handle"));
  EXPECT_THAT(paths_of(make(Json::object())), ElementsAre("components.0.example.header_handle"));
  EXPECT_TRUE(asked_.empty());
  EXPECT_EQ(rows_of("template"), 0);
}

TEST_F(TemplateSamples, ASampleThatMetaRefusesMakesNoTemplate) {
  refusal_ = Error(ErrorKind::Unauthorised, "Meta's code 190: expired");
  const auto refused = make({{"uploadId", given_upload(tenant_)}});
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.json["code"], "needs_token");
  EXPECT_EQ(rows_of("template"), 0);
  EXPECT_THAT(asked_, ElementsAre("GET /debug_token"));
}

}  // namespace
}  // namespace waypost::test
