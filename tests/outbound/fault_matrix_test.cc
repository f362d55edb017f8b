// Every kind of message against every way in which a send can go wrong, over real sockets: the program waypost-sandbox
// stands for Meta, or a port where nobody listens, or one that hangs up. Each cell ends as the table says, and the
// customer's phone has as many messages as law 8 allows: one that went out, none that was refused, never two. Marks
// ("read", "typing…") go through the same: what became of each is told to who asked, and it leaves nothing behind.

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/client.h"
#include "outbound/mark.h"
#include "tests/outbound/hanging_up.h"
#include "tests/outbound/stage.h"
#include "tests/support/sandbox_process.h"

namespace waypost::test {
namespace {

constexpr std::string_view kCustomer = "491701234567";

struct Kind {
  const char* name;
  std::string type;
  Json content;
  bool is_reply = false;
};

// `wamid`: a message of the customer, for what speaks of one. `file`: one that Meta has, by its id.
std::vector<Kind> kinds(const std::string& wamid, const std::string& file) {
  const Json buttons = Json::array({{{"type", "reply"}, {"reply", {{"id", "y"}, {"title", "Yes"}}}}});
  const Json rows = Json::array({{{"id", "a"}, {"title", "A"}}, {{"id", "b"}, {"title", "B"}}});
  return {
      {"text", "text", {{"body", "hi"}}},
      {"reply", "text", {{"body", "hi"}}, true},
      {"media by id", "image", {{"id", file}, {"caption", "c"}}},
      {"media by link", "document", {{"link", "https://example.org/a.pdf"}, {"filename", "a.pdf"}}},
      {"voice", "audio", {{"id", file}}},
      {"sticker", "sticker", {{"id", file}}},
      {"location", "location", {{"latitude", 52.5}, {"longitude", 13.4}}},
      {"contacts", "contacts", Json::array({{{"name", {{"formatted_name", "Ana"}, {"first_name", "Ana"}}}}})},
      {"reaction", "reaction", {{"message_id", wamid}, {"emoji", "👍"}}},
      {"buttons", "interactive", {{"type", "button"}, {"body", {{"text", "b"}}}, {"action", {{"buttons", buttons}}}}},
      {"list",
       "interactive",
       {{"type", "list"},
        {"body", {{"text", "b"}}},
        {"action", {{"button", "Choose"}, {"sections", Json::array({{{"title", "S"}, {"rows", rows}}})}}}}},
      {"template", "template", {{"name", "hello_world"}, {"language", {{"code", "en_US"}}}}},
  };
}

// Where Meta is to be found.
enum class Meta { There, Nobody, HangsUp };

struct Trouble {
  const char* name;
  Meta meta = Meta::There;
  Json fault{};
  MessageState at_once = MessageState::Unknown;  // behind the first attempt
  std::int64_t received = 0;                     // then, by the customer
  bool goes_in_the_end = false;                  // once the trouble is over
  const char* channel = "active";
  std::optional<ErrorKind> mark = ErrorKind::Unavailable;  // what a mark ends with; nothing: Meta took it
};

Json error(int code) { return {{"kind", "error"}, {"next", 1}, {"code", code}}; }
Json once(const char* kind) { return {{"kind", kind}, {"next", 1}, {"ms", 600}}; }

std::vector<Trouble> troubles() {
  using enum MessageState;
  return {
      {"none", Meta::There, Json(), Accepted, 1, true, "active", std::nullopt},
      {"connect refused", Meta::Nobody, Json(), Queued, 0, true},
      {"reset before it is read", Meta::HangsUp, Json(), Unknown, 0, false},
      {"reset behind it, not taken", Meta::There, once("drop_before"), Unknown, 0, false},
      {"reset behind it, taken", Meta::There, once("drop_after"), Unknown, 1, false},
      {"reset within the answer", Meta::There, once("cut_answer"), Unknown, 1, false},
      {"500 empty, not taken", Meta::There, once("empty_500_before"), Unknown, 0, false},
      {"500 empty, taken", Meta::There, once("empty_500_after"), Unknown, 1, false},
      {"429 with HTML", Meta::There, once("html_429"), Queued, 0, true, "active", ErrorKind::RateLimited},
      {"fault at Meta", Meta::There, error(131000), Unknown, 0, false},
      {"retry", Meta::There, error(2494100), Queued, 0, true},
      {"number", Meta::There, error(130429), Queued, 0, true, "active", ErrorKind::RateLimited},
      {"pair", Meta::There, error(131056), Queued, 0, true, "active", ErrorKind::RateLimited},
      {"account", Meta::There, error(80007), Queued, 0, true, "active", ErrorKind::RateLimited},
      {"app", Meta::There, error(4), Queued, 0, true, "active", ErrorKind::RateLimited},
      {"refused", Meta::There, error(131026), Failed, 0, false, "active", ErrorKind::Rejected},
      {"embargo", Meta::There, error(131049), Failed, 0, false, "active", ErrorKind::Rejected},
      {"stop", Meta::There, error(131050), Failed, 0, false, "active", ErrorKind::Rejected},
      {"needs a phone", Meta::There, error(131062), Failed, 0, false, "active", ErrorKind::Rejected},
      {"operator", Meta::There, error(130497), Failed, 0, false, "active", ErrorKind::Rejected},
      {"token", Meta::There, error(190), Queued, 0, true, "needs_token", ErrorKind::Unauthorised},
      {"account blocked", Meta::There, error(131031), Queued, 0, true, "blocked", ErrorKind::Rejected},
      {"number blocked", Meta::There, error(133010), Queued, 0, true, "blocked", ErrorKind::Rejected},
      // The last: its answer is still under way, and would take the fault of another cell.
      {"timeout", Meta::There, once("delay"), Unknown, 1, false},
  };
}

class FaultMatrix : public Stage, public testing::WithParamInterface<std::size_t> {
 protected:
  FaultMatrix() {
    settings.pacing = false;
    sandbox_.post("/control/numbers", {{"phone_number_id", "106"}, {"waba_id", "waba"}, {"token", "token-1"}});
    sandbox_.post("/control/templates", {{"name", "hello_world"}, {"body", "Hello"}, {"waba_id", "waba"}});
    wamid_ = text_or_empty(sandbox_.post("/control/customers/" + std::string(kCustomer) + "/messages",
                                         {{"text", "hi"}, {"phone_number_id", "106"}}),
                           "wamid");
    file_ = upload();
  }
  ~FaultMatrix() override { sender.reset(); }

  // The id of a file at Meta.
  std::string upload() {
    const auto part = [](const std::string& head, const std::string& value) {
      return "--cut\r\nContent-Disposition: form-data; " + head + "\r\n\r\n" + value + "\r\n";
    };
    ClientRequest request{.method = "POST", .url = sandbox_.url() + "/v25.0/106/media"};
    request.headers.add("Authorization", "Bearer token-1");
    request.headers.add("Content-Type", "multipart/form-data; boundary=cut");
    request.body = part("name=\"messaging_product\"", "whatsapp") + part("name=\"type\"", "image/jpeg") +
                   part("name=\"file\"; filename=\"a.jpg\"", "bytes") + "--cut--\r\n";
    const auto answer = loop.wait(http_->ask(std::move(request)));
    return answer ? text_or_empty(Json::parse(answer->body), "id") : std::string();
  }
  // A process of its own: pauses in memory are none of another cell's.
  void connect(Meta meta) {
    sender.reset();
    client_.reset();
    GraphSettings to;
    to.timeout = milliseconds(250);
    to.base_url = meta == Meta::There ? sandbox_.url() : meta == Meta::Nobody ? nobody_.url() : hanging_up_.url();
    client_ = GraphClient::make(*http_, to);
    auto of_sender = parts();
    of_sender.graph = client_.get();
    sender = std::make_unique<Sender>(of_sender, settings, to);
  }
  MessageId given(const Kind& kind) {
    const auto where = conversation();
    return in_store([&](sql::Connection& connection) {
      store::Message message{.type = kind.type, .content = kind.content};
      if (kind.is_reply) message.reply_to = wamid_;
      message.author = "api";
      message.expires_at = clock.now() + settings.validity;
      return store::queue_message(connection, where, message, clock.now()).id;
    });
  }
  // By our id, whatever Meta calls them.
  std::int64_t taken(MessageId id) {
    const auto all = sandbox_.get("/control/sends")["sends"];
    return std::ranges::count_if(all, [&](const Json& each) {
      return text_or_empty(each, "callback_data").find(id.text()) != std::string::npos;
    });
  }
  // As if the trouble were over: what waits for a person is mended, and the time has come.
  void mend() {
    set_channel_state("active", "token-1");
    in_store([&](sql::Connection& connection) {
      connection.run("UPDATE channel SET look_at = NULL, probed_at = NULL, state_code = NULL");
      connection.run("UPDATE contact SET embargo_until = NULL, marketing_stopped = FALSE, marketing_said_at = NULL");
    });
    sandbox_.ask("DELETE", "/control/faults");
    connect(Meta::There);
  }
  void expect_cell(const Kind& kind, const Trouble& trouble) {
    SCOPED_TRACE(std::string(kind.name) + ", " + trouble.name);
    connect(trouble.meta);
    if (!trouble.fault.is_null()) sandbox_.post("/control/faults", trouble.fault);
    const auto id = given(kind);
    send();
    EXPECT_EQ(name_of(state_of(id)), name_of(trouble.at_once));
    EXPECT_EQ(taken(id), trouble.received);
    EXPECT_EQ(channel().state, trouble.channel);
    mend();
    expect_end(id, trouble);
  }
  // Whatever happens then, never a second one.
  void expect_end(MessageId id, const Trouble& trouble) {
    if (trouble.goes_in_the_end) {
      send_until(id, MessageState::Accepted);
      EXPECT_EQ(taken(id), 1);
    } else if (trouble.at_once == MessageState::Unknown) {
      expect_settled(id, trouble);
    } else {
      send();
      EXPECT_EQ(state_of(id), MessageState::Failed);
      EXPECT_EQ(taken(id), 0);
    }
  }
  void expect_settled(MessageId id, const Trouble& trouble) {
    if (trouble.received == 0) {
      send_until(id, MessageState::Failed);
      EXPECT_EQ(reason_of(id), "outcome_unknown");
      EXPECT_EQ(taken(id), 0);
      return;
    }
    if (settles_late_) {
      send_until(id, MessageState::Failed);
      EXPECT_EQ(reason_of(id), "outcome_unknown");
    }
    settles_late_ = !settles_late_;
    status_says(id, "delivered");
    EXPECT_EQ(state_of(id), MessageState::Delivered);
    EXPECT_EQ(reason_of(id), "");
    send();
    EXPECT_EQ(taken(id), 1);
  }
  SandboxProcess sandbox_;
  std::unique_ptr<HttpClient> http_ = HttpClient::make(loop.executor(), {});
  ClosedPort nobody_;
  HangingUp hanging_up_;
  std::unique_ptr<GraphClient> client_;
  std::string wamid_;
  std::string file_;
  bool settles_late_ = false;  // behind the grace, every other time
};

TEST_P(FaultMatrix, ReachesThePhoneAsOftenAsItMayInEveryTrouble) {
  ASSERT_FALSE(wamid_.empty());
  ASSERT_FALSE(file_.empty());
  const auto kind = kinds(wamid_, file_).at(GetParam());
  for (const auto& trouble : troubles()) expect_cell(kind, trouble);
}

class MarkMatrix : public FaultMatrix {
 protected:
  // Of a message of its own, so that nothing that came before counts.
  std::string given_unread() {
    return text_or_empty(sandbox_.post("/control/customers/" + std::string(kCustomer) + "/messages",
                                       {{"text", "look"}, {"phone_number_id", "106"}}),
                         "wamid");
  }
  Result<void> mark(const std::string& wamid) {
    Json json{{"messaging_product", "whatsapp"}, {"status", "read"}, {"message_id", wamid}};
    if (GetParam() == 1) json["typing_indicator"] = {{"type", "text"}};
    return loop.wait(post_mark(*client_, keyring, channel(), std::move(json)));
  }
  bool is_read(const std::string& wamid) {
    const auto all = sandbox_.get("/control/inbound")["inbound"];
    return std::ranges::any_of(all, [&](const Json& each) {
      return text_or_empty(each, "wamid") == wamid && find_bool(each, "read_by_business").value_or(false);
    });
  }
  std::int64_t messages() {
    return in_store([](sql::Connection& connection) {
      return connection.run("SELECT count(*) FROM message", {}).front().number(0);
    });
  }
  void expect_mark(const Trouble& trouble) {
    SCOPED_TRACE(trouble.name);
    const auto before = messages();
    const auto wamid = given_unread();
    connect(trouble.meta);
    Json fault = trouble.fault;
    fault["marks"] = true;
    if (!trouble.fault.is_null()) sandbox_.post("/control/faults", fault);
    const auto told = mark(wamid);
    EXPECT_EQ(told ? std::nullopt : std::optional(told.error().kind()), trouble.mark)
        << (told ? std::string() : told.error().words());
    EXPECT_EQ(is_read(wamid), trouble.received > 0);
    // The channel's trouble is for its sends to find: a mark changes nothing here.
    EXPECT_EQ(channel().state, "active");
    EXPECT_EQ(messages(), before);
    mend();
    EXPECT_TRUE(mark(wamid));
    EXPECT_TRUE(is_read(wamid));
  }
};

TEST_P(MarkMatrix, EveryTroubleIsToldAndLeavesNothing) {
  for (const auto& trouble : troubles()) expect_mark(trouble);
}

INSTANTIATE_TEST_SUITE_P(ReadAndTyping, MarkMatrix, testing::Range<std::size_t>(0, 2),
                         [](const auto& which) { return which.param == 0 ? "read" : "typing"; });

INSTANTIATE_TEST_SUITE_P(EveryKind, FaultMatrix, testing::Range<std::size_t>(0, kinds("", "").size()),
                         [](const auto& which) {
                           std::string name = kinds("", "").at(which.param).name;
                           std::ranges::replace(name, ' ', '_');
                           return name;
                         });

}  // namespace
}  // namespace waypost::test
