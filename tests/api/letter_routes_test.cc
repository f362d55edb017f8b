// Dead letters and the journal once more, as the installation's admin asks for them: on the socket, and signed in.

#include <gmock/gmock.h>

#include "base/crypto.h"
#include "journal/journal.h"
#include "store/letter_list.h"
#include "tests/api/api_fixture.h"
#include "webhook/applier.h"

namespace waypost::test {
namespace {

using store::DeadReason;
using testing::HasSubstr;

std::string body_of_message(const std::string& wamid, const std::string& number = "1001") {
  return R"({"entry":[{"id":"2001","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":")" + number +
         R"("},"messages":[{"id":")" + wamid +
         R"(","from":"4915112345","timestamp":"1760000000","type":"text","text":{"body":"hello"}}]}}]}]})";
}

class LetterRoutes : public ApiTest {
 protected:
  LetterRoutes() { given_channel(tenant_); }

  DeadLetterId given_letter(DeadReason reason, const std::string& raw, const std::string& app = "default") {
    clock_.pass(milliseconds(1'000));
    return write([&](sql::Connection& connection) {
      return *store::insert_dead_letter(connection,
                                        {.reason = reason,
                                         .words = "why",
                                         .app = app,
                                         .journal = JournalId::make(clock_.now()),
                                         .position = ++position_,
                                         .place = "entry[0]",
                                         .phone_number_id = "1001",
                                         .raw = raw,
                                         .received_at = clock_.now()},
                                        clock_.now());
    });
  }
  HeaderList as_installation_admin() {
    const auto user = given_person("root@example.com");
    write([&](sql::Connection& connection) {
      connection.run("UPDATE person SET installation_admin = $2 WHERE id = $1", {user, true});
    });
    return {{"Cookie", "session_token=" + given_session(user)}};
  }
  static std::string path(DeadLetterId id, const std::string& what = "") {
    return "/admin/dead-letters/" + id.text() + what;
  }
  Json listed(const std::string& query) { return ask_admin("GET", "/admin/dead-letters?" + query).json; }

  Response admin(const std::string& target, const Json& body) {
    Router router;
    api().add_admin_routes(router);
    Request request;
    request.method = "POST";
    request.target = request.path = target;
    request.body = dump(body);
    return loop_.wait(router.match("POST", target).route->handler(std::move(request)));
  }
  // Every line of a streaming answer.
  std::vector<Json> lines_of(Response response) {
    struct Kept final : BodyWriter {
      awaitable<bool> write(std::string_view chunk) override {
        lines.push_back(Json::parse(chunk));
        co_return true;
      }
      std::vector<Json> lines;
    } kept;
    EXPECT_EQ(response.status, 200) << response.body;
    if (response.stream) loop_.wait(response.stream(kept));
    return kept.lines;
  }
  Json last_line_of(Response response) {
    const auto lines = lines_of(std::move(response));
    return lines.empty() ? Json() : lines.back();
  }

  const TenantId tenant_ = given_workspace("Acme");
  std::uint64_t position_ = 0;
};

TEST_F(LetterRoutes, TheyAreListedNewestFirstWithTheirNumberByReason) {
  const auto first = given_letter(DeadReason::NotJson, "{");
  const auto second = given_letter(DeadReason::WrongShape, "12345");
  const auto all = listed("");
  EXPECT_EQ(all["total"], 2);
  EXPECT_EQ(all["totalIsAtLeast"], false);
  EXPECT_EQ(all["waiting"], Json({{"not_json", 1}, {"wrong_shape", 1}, {"no_channel", 0}, {"crashed", 0}}));
  ASSERT_EQ(all["items"].size(), 2U);
  EXPECT_EQ(all["items"][0]["id"], second.text());
  EXPECT_EQ(all["items"][0]["bytes"], 5);
  EXPECT_EQ(all["items"][0]["journalPosition"], 2);
  EXPECT_FALSE(all["items"][0].contains("raw"));
  EXPECT_EQ(listed("limit=1&offset=1")["items"][0]["id"], first.text());
}

TEST_F(LetterRoutes, AListMayBeOfSomeOnly) {
  const auto first = given_letter(DeadReason::NotJson, "{", "shop");
  const auto since = iso8601(clock_.now() + milliseconds(1));
  const auto second = given_letter(DeadReason::WrongShape, "{}");
  write([&](sql::Connection& connection) { return store::mark_applied(connection, first, clock_.now()); });
  const auto only = [this](const std::string& query) {
    const auto found = listed(query);
    return found["total"] == 1 ? found["items"][0]["id"].get<std::string>() : found.dump();
  };
  EXPECT_EQ(only(""), second.text());
  EXPECT_EQ(only("state=applied"), first.text());
  EXPECT_EQ(only("state=all&app=shop"), first.text());
  EXPECT_EQ(only("state=all&reason=wrong_shape"), second.text());
  EXPECT_EQ(only("state=all&since=" + since), second.text());
  EXPECT_EQ(listed("state=all&phoneNumberId=1001")["total"], 2);
  EXPECT_EQ(listed("phoneNumberId=7")["total"], 0);
  for (const auto* bad : {"state=x", "reason=x", "since=yesterday", "limit=0"})
    EXPECT_EQ(ask_admin("GET", std::string("/admin/dead-letters?") + bad).status, 400) << bad;
}

TEST_F(LetterRoutes, OneIsShownWithItsBytesWhateverTheyAre) {
  const std::string bytes("\xff\x00\x01{", 4);
  const auto binary = ask_admin("GET", path(given_letter(DeadReason::NotJson, bytes))).json;
  EXPECT_EQ(binary["encoding"], "base64");
  EXPECT_EQ(*from_base64(binary["raw"].get<std::string>()), bytes);
  const auto text = ask_admin("GET", path(given_letter(DeadReason::NotJson, "{\"ü\":\n"))).json;
  EXPECT_EQ(text["encoding"], "text");
  EXPECT_EQ(text["raw"], "{\"ü\":\n");
  EXPECT_EQ(text["place"], "entry[0]");
  EXPECT_EQ(text["words"], "why");
  EXPECT_EQ(ask_admin("GET", path(DeadLetterId{})).status, 404);
  EXPECT_EQ(ask_admin("GET", "/admin/dead-letters/x").status, 404);
}

TEST_F(LetterRoutes, OneIsTriedAgain) {
  const auto id = given_letter(DeadReason::WrongShape, body_of_message("wamid.1"));
  const auto tried = ask_admin("POST", path(id, "/retry"));
  EXPECT_EQ(tried.status, 200) << tried.body;
  EXPECT_EQ(tried.json["fresh"], 1);
  EXPECT_EQ(tried.json["letter"]["appliedAt"], iso8601(clock_.now()));
  EXPECT_EQ(rows_of("message"), 1);
  EXPECT_EQ(rows_of("run_trigger"), 0);
  EXPECT_EQ(ask_admin("POST", path(id, "/retry")).status, 404);
  const auto bad = ask_admin("POST", path(given_letter(DeadReason::WrongShape, "{"), "/retry"));
  EXPECT_EQ(bad.json["dead"], 1);
  EXPECT_EQ(bad.json["letter"]["reason"], "not_json");
}

TEST_F(LetterRoutes, ARetryStartsRunsWhenAsked) {
  const auto id = given_letter(DeadReason::WrongShape, body_of_message("wamid.1"));
  EXPECT_EQ(ask_admin("POST", path(id, "/retry"), {{"startRuns", true}}).status, 200);
  EXPECT_EQ(rows_of("run_trigger"), 1);
  EXPECT_EQ(signals_.offered.size(), 1U);
}

TEST_F(LetterRoutes, AllOfAReasonAreTriedWithProgress) {
  for (int i = 0; i < 5; ++i) given_letter(DeadReason::WrongShape, body_of_message("wamid." + std::to_string(i)));
  given_letter(DeadReason::Crashed, body_of_message("wamid.crashed"));
  const auto done = last_line_of(admin("/admin/dead-letters/retry", {{"reason", "wrong_shape"}}));
  EXPECT_EQ(done, Json({{"state", "done"}, {"fresh", 5}, {"alreadyApplied", 0}, {"dead", 0}}));
  EXPECT_EQ(rows_of("message"), 5);
  EXPECT_EQ(last_line_of(admin("/admin/dead-letters/retry", {{"all", true}}))["fresh"], 1);
  for (const auto& body : {Json::object(), Json{{"reason", "x"}}, Json{{"all", "yes"}}, Json{{"since", "x"}}})
    EXPECT_EQ(admin("/admin/dead-letters/retry", body).status, 400) << body;
}

TEST_F(LetterRoutes, OneIsDropped) {
  const auto id = given_letter(DeadReason::NotJson, "{");
  EXPECT_EQ(ask_admin("POST", path(id, "/drop")).status, 200);
  EXPECT_EQ(rows_of("dead_letter"), 0);
  EXPECT_EQ(ask_admin("POST", path(id, "/drop")).status, 404);
}

TEST_F(LetterRoutes, TheInstallationsAdminDoesItSignedIn) {
  const auto root = as_installation_admin();
  const auto id = given_letter(DeadReason::WrongShape, body_of_message("wamid.1"));
  EXPECT_EQ(ask("GET", "/api/admin/dead-letters", root).json["total"], 1);
  EXPECT_EQ(ask("GET", "/api" + path(id), root).json["encoding"], "text");
  EXPECT_EQ(ask("POST", "/api" + path(id, "/retry"), root, Json::object()).json["fresh"], 1);
  EXPECT_EQ(ask("POST", "/api" + path(id, "/drop"), root, Json::object()).status, 200);
}

// Law 11: they hold anybody's messages.
TEST_F(LetterRoutes, NobodyElseSeesOrTriesThem) {
  const auto id = given_letter(DeadReason::WrongShape, body_of_message("wamid.1"));
  const auto token = ask("POST", "/api/tokens", as_admin(tenant_), {{"name", "cli"}, {"role", "admin"}}).json["token"];
  const HeaderList bearer{{"Authorization", "Bearer " + token.get<std::string>()}};
  for (const auto& [who, status] : std::vector<std::pair<HeaderList, int>>{
           {as_admin(tenant_), 403}, {as_agent(tenant_), 403}, {bearer, 403}, {{}, 401}}) {
    for (const auto& target : {std::string("/admin/dead-letters"), path(id)}) {
      const auto answer = ask("GET", "/api" + target, who);
      EXPECT_EQ(answer.status, status);
      EXPECT_THAT(answer.body, testing::Not(HasSubstr("hello")));
      EXPECT_EQ(ask("GET", target, who).status, 404);
    }
    for (const auto& target : {path(id, "/retry"), path(id, "/drop"), std::string("/admin/dead-letters/retry"),
                               std::string("/admin/reingest")})
      EXPECT_EQ(ask("POST", "/api" + target, who, Json{{"all", true}}).status, status) << target;
  }
  EXPECT_EQ(rows_of("message"), 0);
  EXPECT_EQ(rows_of("dead_letter"), 1);
}

// The journal -------------------------------------------------------------------------------------------------------

class ReingestRoute : public LetterRoutes {
 protected:
  ReingestRoute()
      : journal_(*Journal::open({.folder = folder_.file("journal")}, clock_)),
        applier_(Applier::make({*journal_, *database_, signals_, clock_}, {.note_file = folder_.file("applying")})) {
    parts_.journal = journal_.get();
    parts_.applier = applier_.get();
    EXPECT_TRUE(applier_->start());
  }
  void given_applied(int messages) {
    for (int i = 0; i < messages; ++i)
      EXPECT_TRUE(loop_.wait(journal_->append("default", body_of_message("wamid." + std::to_string(i)))));
    while (applier_->mark() < journal_->end()) std::this_thread::sleep_for(milliseconds(1));
  }
  Json span() const { return {{"from", iso8601(clock_.now() - std::chrono::hours(1))}}; }

  std::unique_ptr<Journal> journal_;
  std::unique_ptr<Applier> applier_;
};

TEST_F(ReingestRoute, ASpanIsReadAgainAndNothingDoubles) {
  given_applied(20);
  clock_.pass(milliseconds(1));
  const auto done = last_line_of(admin("/admin/reingest", span()));
  EXPECT_EQ(done["state"], "done");
  EXPECT_EQ(done["records"], 20);
  EXPECT_EQ(done["updates"], 20);
  EXPECT_EQ(done["alreadyApplied"], 20);
  EXPECT_EQ(done["fresh"], 0);
  EXPECT_EQ(rows_of("message"), 20);
  EXPECT_EQ(rows_of("run_trigger"), 20);
}

TEST_F(ReingestRoute, OneAtATimeAndWhoHangsUpLetsTheNextOneBegin) {
  given_applied(3);
  clock_.pass(milliseconds(1));
  {
    const auto first = admin("/admin/reingest", span());
    EXPECT_EQ(first.status, 200);
    const auto second = admin("/admin/reingest", span());
    EXPECT_EQ(second.status, 409);
    EXPECT_THAT(second.body, HasSubstr("re-ingests already"));
  }
  EXPECT_EQ(last_line_of(admin("/admin/reingest", span()))["records"], 3);
}

TEST_F(ReingestRoute, AClientThatIsGoneStopsIt) {
  given_applied(200);
  clock_.pass(milliseconds(1));
  struct Gone final : BodyWriter {
    awaitable<bool> write(std::string_view) override {
      ++writes;
      co_return false;
    }
    int writes = 0;
  } gone;
  auto response = admin("/admin/reingest", span());
  loop_.wait(response.stream(gone));
  EXPECT_EQ(gone.writes, 1);
}

TEST_F(ReingestRoute, WhatIsNoSpanIsRefused) {
  const auto now = iso8601(clock_.now());
  for (const auto& body : {Json::object(), Json{{"from", "yesterday"}}, Json{{"from", now}, {"to", now}},
                           Json{{"from", now}, {"dryRun", 1}}}) {
    const auto answer = admin("/admin/reingest", body);
    EXPECT_EQ(answer.status, 400) << body << answer.body;
    EXPECT_THAT(answer.body, HasSubstr("details"));
  }
}

TEST_F(LetterRoutes, ANodeWithoutAJournalSaysSo) {
  EXPECT_EQ(admin("/admin/reingest", {{"from", "2026-11-23T00:00:00Z"}}).status, 409);
}

}  // namespace
}  // namespace waypost::test
