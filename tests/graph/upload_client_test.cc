#include "graph/upload_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <utility>

#include "net/form_reader.h"
#include "tests/support/run_loop.h"

namespace waypost {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kToken = "EAA-secret-token";

// Answers in order, and keeps what it was asked and given.
class TakingHttp final : public HttpClient {
 public:
  awaitable<std::expected<Response, ExchangeFailure>> ask(ClientRequest request) override {
    auto& body = bodies.emplace_back();
    if (request.give_body) {
      while (body.size() < request.give_body->size) {
        const auto piece = co_await request.give_body->next();
        if (!piece) co_return std::unexpected(ExchangeFailure{piece.error()});
        body += *piece;
      }
    }
    asked.push_back(std::move(request));
    if (replies.empty()) co_return std::unexpected(ExchangeFailure{Error(ErrorKind::Unavailable, "reset")});
    auto [status, text] = std::move(replies.front());
    replies.pop_front();
    co_return json_response(status, text);
  }

  std::deque<std::pair<int, std::string>> replies;
  std::vector<ClientRequest> asked;
  std::vector<std::string> bodies;
};

FileToUpload file(const std::string& bytes, const std::string& name = "a.mp4") {
  const auto at = std::make_shared<std::size_t>(0);
  return {.type = "video/mp4",
          .name = name,
          .bytes = {.size = bytes.size(), .next = [bytes, at]() -> awaitable<Result<std::string>> {
                      return [](std::string all, std::shared_ptr<std::size_t> place) -> awaitable<Result<std::string>> {
                        auto piece = all.substr(*place, 3);
                        *place += piece.size();
                        co_return piece;
                      }(bytes, at);
                    }}};
}

struct UploadClientTest : testing::Test {
  UploadAnswer upload(FileToUpload what) {
    return loop.wait(client->upload({.id = "106", .token = Secret(kToken)}, std::move(what)));
  }
  Refused refusal(int status, const std::string& body) {
    http.replies.emplace_back(status, body);
    return std::get<Refused>(upload(file("x")));
  }
  Result<std::string> handle() {
    return loop.wait(client->handle({.id = "900", .token = Secret(kToken)}, file("the sample", "ein Bild.mp4")));
  }

  test::RunLoop loop;
  TakingHttp http;
  GraphSettings graph{.base_url = "https://graph.example", .version = "v25.0", .ca_file = ""};
  MediaSettings media;
  std::unique_ptr<UploadClient> client = UploadClient::make(http, graph, media);
};

TEST_F(UploadClientTest, AFileGoesAsAForm) {
  http.replies.emplace_back(200, R"({"id":"777"})");
  const std::string bytes = "the bytes\r\n--of a film";
  const auto answer = upload(file(bytes, "mein \"Film\"\r\nX: y.mp4"));
  ASSERT_TRUE(std::holds_alternative<Uploaded>(answer));
  EXPECT_EQ(std::get<Uploaded>(answer).id, "777");
  const auto& asked = http.asked.at(0);
  EXPECT_EQ(asked.method, "POST");
  EXPECT_EQ(asked.url, "https://graph.example/v25.0/106/media");
  EXPECT_EQ(asked.headers.find("Authorization"), std::string("Bearer ") + kToken);
  EXPECT_EQ(asked.deadline, media.time_limit);
  EXPECT_EQ(http.bodies.at(0).size(), asked.give_body->size);
  auto reader = FormReader::of(asked.headers.find("Content-Type").value_or(""));
  ASSERT_TRUE(reader);
  reader->add(http.bodies.at(0));
  std::vector<std::string> told;
  for (auto event = reader->next(); event != FormReader::Event::Over; event = reader->next()) {
    ASSERT_NE(event, FormReader::Event::Malformed);
    ASSERT_NE(event, FormReader::Event::NeedMore);
    if (event == FormReader::Event::Begin) told.push_back(reader->part().name + " " + reader->part().type + "=");
    if (event == FormReader::Event::Begin && reader->part().file_name)
      EXPECT_EQ(reader->part().file_name, "mein__Film___X__y.mp4");
    if (event == FormReader::Event::Bytes) told.back() += reader->bytes();
  }
  EXPECT_THAT(told, testing::ElementsAre("messaging_product =whatsapp", "type =video/mp4", "file video/mp4=" + bytes));
}

TEST_F(UploadClientTest, ARefusalSaysWhatToDo) {
  EXPECT_EQ(refusal(401, R"({"error":{"code":190,"message":"no"}})").action, GraphAction::HoldForToken);
  EXPECT_EQ(refusal(400, R"({"error":{"code":130429,"message":"slow"}})").action, GraphAction::PauseNumber);
  EXPECT_EQ(refusal(400, R"({"error":{"code":100,"message":"no"}})").action, GraphAction::Fail);
  EXPECT_EQ(refusal(400, R"({"error":{"code":131047,"message":"no"}})").action, GraphAction::Fail);
  EXPECT_EQ(refusal(400, R"({"error":{"code":368,"message":"no"}})").action, GraphAction::BlockAccount);
  EXPECT_EQ(refusal(429, "<html>").action, GraphAction::PauseNumber);
  EXPECT_EQ(refusal(413, "<html>").action, GraphAction::Fail);
}

TEST_F(UploadClientTest, WhatNobodyKnowsIsToBeDoneAgain) {
  EXPECT_EQ(refusal(500, "").action, GraphAction::Retry);
  EXPECT_EQ(refusal(200, "not json").action, GraphAction::Retry);
  EXPECT_EQ(refusal(200, "{}").action, GraphAction::Retry);
  EXPECT_EQ(refusal(500, R"({"error":{"code":1,"message":"oops"}})").action, GraphAction::Retry);
  EXPECT_EQ(refusal(503, R"({"error":{"code":131016,"message":"oops"}})").action, GraphAction::Retry);
  const auto lost = std::get<Refused>(upload(file("x")));
  EXPECT_EQ(lost.action, GraphAction::Retry);
  EXPECT_FALSE(lost.code);
}

TEST_F(UploadClientTest, AFileThatShrinksIsNoUpload) {
  auto what = file("short");
  what.bytes.size = 9;
  const auto answer = upload(std::move(what));
  ASSERT_TRUE(std::holds_alternative<Refused>(answer));
  EXPECT_EQ(std::get<Refused>(answer).action, GraphAction::Retry);
}

TEST_F(UploadClientTest, ASampleGoesToASessionOfTheApp) {
  http.replies.emplace_back(200, R"({"id":"upload:abc?sig=d"})");
  http.replies.emplace_back(200, R"({"h":"4::xyz"})");
  const auto got = handle();
  ASSERT_TRUE(got) << got.error().words();
  EXPECT_EQ(*got, "4::xyz");
  EXPECT_EQ(http.asked.at(0).url,
            "https://graph.example/v25.0/900/uploads?file_name=ein%20Bild.mp4&file_length=10&file_type=video%2Fmp4");
  EXPECT_EQ(http.asked.at(1).url, "https://graph.example/v25.0/upload:abc?sig=d");
  EXPECT_EQ(http.asked.at(1).headers.find("Authorization"), std::string("OAuth ") + kToken);
  EXPECT_EQ(http.asked.at(1).headers.find("file_offset"), "0");
  EXPECT_EQ(http.bodies.at(1), "the sample");
}

TEST_F(UploadClientTest, ASampleThatIsNotTakenIsAnError) {
  http.replies.emplace_back(400, R"({"error":{"code":100,"message":"no"}})");
  EXPECT_EQ(handle().error().kind(), ErrorKind::Rejected);
  http.replies.emplace_back(200, R"({"id":"https://evil.example/"})");
  EXPECT_EQ(handle().error().kind(), ErrorKind::Unavailable);
  http.replies.emplace_back(200, R"({"id":"upload:abc"})");
  http.replies.emplace_back(200, R"({"file_offset":3})");
  EXPECT_EQ(handle().error().kind(), ErrorKind::Unavailable);
  http.replies.emplace_back(200, R"({"id":"upload:abc"})");
  http.replies.emplace_back(401, R"({"error":{"code":190,"message":"no"}})");
  const auto refused = handle();
  EXPECT_EQ(refused.error().kind(), ErrorKind::Unauthorised);
  EXPECT_THAT(refused.error().words(), Not(HasSubstr(kToken)));
}

}  // namespace
}  // namespace waypost
