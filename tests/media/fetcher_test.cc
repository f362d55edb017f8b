// MediaFetcher on a real store, a real folder and real sockets; only Meta is scripted.

#include "media/fetcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "media/retention.h"
#include "net/client.h"
#include "store/channels.h"
#include "store/inbound.h"
#include "store/media.h"
#include "store/media_files.h"
#include "tests/net/scripted_server.h"
#include "tests/support/run_loop.h"
#include "tests/support/temp_store.h"

namespace waypost::media {
namespace {

using namespace std::chrono_literals;
using store::MediaState;
using test::Peer;
using test::ScriptedServer;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kToken = "EAA-secret-token";
const std::string kPng = "\x89PNG\r\n\x1a\n" + std::string("\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x8\6\0\0\0", 21);

std::string hex_of(const std::string& bytes) { return hex(sha256(bytes)); }
std::string answer(int code, const std::string& body = {}) {
  return "HTTP/1.1 " + std::to_string(code) + " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

// Meta: answers each path as told, and keeps what it was asked.
class Meta {
 public:
  using Script = std::function<void(Peer&)>;
  Meta() : server_([this](Peer& peer, int) { serve(peer); }) {}

  std::string url(const std::string& path) const { return server_.url(path); }
  // In order; the last one stands.
  void answers(const std::string& path, std::vector<Script> scripts) {
    const std::scoped_lock lock(mutex_);
    scripts_[path] = std::move(scripts);
  }
  void answers(const std::string& path, const std::string& bytes) {
    answers(path, {[bytes](Peer& peer) { peer.send(bytes); }});
  }
  void has_file(const std::string& id, const std::string& bytes, const std::string& hash = {}) {
    const Json link{{"url", url("/file/" + id)}, {"sha256", hash}, {"id", id}};
    answers("/v25.0/" + id, test::ok(dump(link)));
    answers("/file/" + id, test::ok(bytes));
  }
  std::vector<std::string> asked() {
    const std::scoped_lock lock(mutex_);
    return asked_;
  }
  int accepted() const { return server_.accepted(); }
  bool saw_token() {
    const std::scoped_lock lock(mutex_);
    return saw_token_;
  }

 private:
  void serve(Peer& peer) {
    while (true) {
      const auto request = peer.request();
      if (request.empty()) return;
      const auto target = request.substr(4, request.find(' ', 4) - 4);
      next(target.substr(0, target.find('?')), request)(peer);
    }
  }
  Script next(const std::string& path, const std::string& request) {
    const std::scoped_lock lock(mutex_);
    asked_.push_back(path);
    if (request.contains(kToken)) saw_token_ = true;
    auto& scripts = scripts_[path];
    if (scripts.empty()) return [](Peer& peer) { peer.send(answer(404)); };
    auto script = scripts.front();
    if (scripts.size() > 1) scripts.erase(scripts.begin());
    return script;
  }

  std::mutex mutex_;
  std::map<std::string, std::vector<Script>> scripts_;
  std::vector<std::string> asked_;
  bool saw_token_ = false;
  ScriptedServer server_;
};

class Fetching : public testing::Test {
 protected:
  Fetching() {
    folder = MediaFolder::open(store.folder.file("media"), "node-1").value();
    store.run([this](sql::Connection& c) {
      auto channel = store::lock_channel(c, store.tenant, store.channel).value();
      channel.sealed_access_token = keyring.seal(Secret(kToken), store::kAccessTokenPurpose);
      return store::update_channel(c, channel, now());
    });
    settings.hosts = {};
    settings.time_limit = 2s;
    settings.max_bytes = 4'000'000;
    start();
  }
  // Another process: what was in its memory is gone.
  void start() {
    fetcher.reset();
    client = MediaClient::make(*http, {.base_url = meta.url(""), .version = "v25.0", .ca_file = ""}, settings);
    fetcher = std::make_unique<MediaFetcher>(MediaFetcherParts{.database = store.database.get(),
                                                               .client = client.get(),
                                                               .folder = folder.get(),
                                                               .clock = &store.clock,
                                                               .keyring = &keyring},
                                             settings.types);
  }
  // A message with a file of this id; `said` is merged over what the webhook says of it.
  store::Media given(const std::string& id, const Json& said = Json::object(), const std::string& kind = "image") {
    Json payload{{"id", id}, {"mime_type", "image/png"}};
    payload.merge_patch(said);
    store::Inbound inbound{.phone_number_id = test::kNumber,
                           .media = named_media({{"type", kind}, {kind, std::move(payload)}})};
    inbound.sender.phone = "491701";
    inbound.message = {.tenant = store.tenant, .channel = store.channel, .type = kind, .wamid = "wamid." + id};
    inbound.message.happened_at = now();
    return store.run([&](sql::Connection& c) {
      const auto received = store::receive_message(c, inbound, now());
      return store::next_media(c, store.tenant, received.media.front()).value();
    });
  }
  std::optional<Time> handle(const store::Media& media) {
    return loop.wait(fetcher->handle({.owner = store.tenant, .key = media.conversation})).value();
  }
  store::Media row_in(sql::Connection& connection, const store::Media& media) {
    return store::find_media(connection, store.tenant, media.id).value();
  }
  store::Media row(const store::Media& media) {
    return store.run([&](sql::Connection& c) { return row_in(c, media); });
  }
  store::Media fetched(const store::Media& media) {
    handle(media);
    return row(media);
  }
  std::string reason(const store::Media& media) {
    const auto now_is = row(media);
    return now_is.state == MediaState::Unavailable ? now_is.failure->reason : std::string(name_of(now_is.state));
  }
  std::string bytes_of(const store::Media& media) {
    const auto file = loop.wait(folder->read(row(media).hash.value())).value();
    return loop.wait(folder->read(file, 0, 10'000'000)).value();
  }
  // Every file of the folder, drafts too.
  std::size_t files() const {
    std::size_t all = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(store.folder.file("media")))
      all += entry.is_regular_file() ? 1 : 0;
    return all;
  }
  Time now() const { return store.clock.now(); }

  test::TempStore store;
  Meta meta;
  test::RunLoop loop;
  Keyring keyring{{{"k1", Secret(std::string(32, 'k'))}}, "k1"};
  MediaSettings settings;
  std::unique_ptr<HttpClient> http = HttpClient::make(loop.executor(), {});
  std::unique_ptr<MediaFolder> folder;
  std::unique_ptr<MediaClient> client;
  std::unique_ptr<MediaFetcher> fetcher;
};

TEST_F(Fetching, AFileIsFetchedByItsIdWithTheToken) {
  meta.has_file("7", kPng, hex_of(kPng));
  const auto media = given("7");
  const auto stored = fetched(media);
  EXPECT_EQ(stored.state, MediaState::Stored) << (stored.failure ? stored.failure->words : "");
  EXPECT_EQ(stored.mime_type, "image/png");
  EXPECT_EQ(stored.size, std::ssize(kPng));
  EXPECT_EQ(bytes_of(media), kPng);
  EXPECT_THAT(meta.asked(), ElementsAre("/v25.0/7", "/file/7"));
  EXPECT_TRUE(meta.saw_token());
  EXPECT_EQ(files(), 1U);
  EXPECT_EQ(handle(media), std::nullopt) << "nothing is left";
}

TEST_F(Fetching, TheAddressOfTheWebhookGoesFirst) {
  meta.answers("/direct", test::ok(kPng));
  const auto digest = sha256(kPng);
  const std::string raw(reinterpret_cast<const char*>(digest.data()), digest.size());
  EXPECT_EQ(fetched(given("7", {{"url", meta.url("/direct")}, {"sha256", base64(raw)}})).state, MediaState::Stored);
  EXPECT_THAT(meta.asked(), ElementsAre("/direct"));
}

TEST_F(Fetching, ADeadAddressIsAskedForAnew) {
  meta.has_file("7", kPng);
  EXPECT_EQ(fetched(given("7", {{"url", meta.url("/dead")}})).state, MediaState::Stored);
  EXPECT_THAT(meta.asked(), ElementsAre("/dead", "/v25.0/7", "/file/7"));
}

TEST_F(Fetching, AFreshAddressThatIsDeadIsTriedLaterWithANewOne) {
  meta.has_file("7", kPng);
  meta.answers("/file/7", {[](Peer& peer) { peer.send(answer(404)); }, [](Peer& peer) { peer.send(test::ok(kPng)); }});
  const auto media = given("7");
  EXPECT_EQ(fetched(media).state, MediaState::Pending);
  EXPECT_EQ(handle(media), now() + 2s) << "not before";
  store.clock.pass(2s);
  EXPECT_EQ(fetched(media).state, MediaState::Stored);
}

TEST_F(Fetching, WhatMetaHasNoMoreIsUnavailable) {
  meta.answers("/v25.0/7", answer(400, R"({"error":{"code":100,"error_subcode":33,"message":"no such"}})"));
  const auto media = given("7");
  handle(media);
  EXPECT_EQ(reason(media), "gone");
}

// The address lies: another host, which must not hear of the token, nor of us.
TEST_F(Fetching, AForeignHostNeverHearsOfUs) {
  Meta foreign;
  foreign.answers("/file", test::ok(kPng));
  meta.answers("/v25.0/7", test::ok(dump({{"url", foreign.url("/file")}})));
  const auto media = given("7", {{"url", foreign.url("/file")}});
  handle(media);
  EXPECT_EQ(reason(media), "forbidden_host");
  EXPECT_EQ(foreign.accepted(), 0);
}

TEST_F(Fetching, ARedirectToAForeignHostIsNotFollowed) {
  Meta foreign;
  foreign.answers("/file", test::ok(kPng));
  meta.has_file("7", kPng);
  meta.answers("/file/7", "HTTP/1.1 302 X\r\nLocation: " + foreign.url("/file") + "\r\nContent-Length: 0\r\n\r\n");
  const auto media = given("7");
  handle(media);
  EXPECT_EQ(reason(media), "forbidden_host");
  EXPECT_EQ(foreign.accepted(), 0);
}

TEST_F(Fetching, OtherBytesThanPromisedAreNotKept) {
  meta.has_file("7", kPng, hex_of("other bytes"));
  const auto media = given("7");
  for (int tries = 0; tries < 3; ++tries) {
    EXPECT_EQ(reason(media), "pending");
    handle(media);
    EXPECT_EQ(files(), 0U);
    store.clock.pass(1min);
  }
  EXPECT_EQ(reason(media), "hash_mismatch");
}

TEST_F(Fetching, MoreThanTheLimitIsNotRead) {
  settings.max_bytes = 1'000'000;
  start();
  const std::string large = kPng + std::string(2'000'000, 'x');
  meta.has_file("7", large);
  meta.has_file("8", large);
  meta.answers("/file/8", {[&](Peer& peer) {  // says nothing of its length
                 peer.send("HTTP/1.1 200 OK\r\n\r\n" + large);
                 peer.wait_for_end();
               }});
  for (const auto* id : {"7", "8"}) {
    const auto media = given(id);
    handle(media);
    EXPECT_EQ(reason(media), "too_large") << id;
  }
  EXPECT_EQ(files(), 0U);
}

TEST_F(Fetching, ALargeOneIsStreamed) {
  const std::string large = kPng + std::string(3'000'000, 'x');
  meta.has_file("7", large, hex_of(large));
  const auto media = given("7");
  EXPECT_EQ(fetched(media).size, std::ssize(large));
  EXPECT_EQ(bytes_of(media), large);
}

TEST_F(Fetching, AForbiddenTypeIsNotKeptWhateverItIsCalled) {
  meta.has_file("7", "<html><script>alert(1)</script></html>");
  const auto media = given("7");
  handle(media);
  EXPECT_EQ(reason(media), "forbidden_type");
  meta.has_file("8", "");
  const auto empty = given("8");
  handle(empty);
  EXPECT_EQ(reason(empty), "empty");
  EXPECT_EQ(files(), 0U);
}

TEST_F(Fetching, AnAnswerThatIsCutLeavesNothingAndIsTriedAgain) {
  meta.has_file("7", kPng, hex_of(kPng));
  meta.answers("/file/7", {[](Peer& peer) {
                             peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + kPng);
                             peer.reset();
                           },
                           [](Peer& peer) { peer.send(test::ok(kPng)); }});
  const auto media = given("7");
  EXPECT_EQ(fetched(media).state, MediaState::Pending);
  EXPECT_EQ(files(), 0U);
  store.clock.pass(2s);
  EXPECT_EQ(fetched(media).state, MediaState::Stored);
  EXPECT_EQ(files(), 1U);
}

TEST_F(Fetching, AFileThatDripsInEndsInTime) {
  settings.time_limit = 1s;
  start();
  meta.has_file("7", kPng);
  meta.answers("/file/7", {[](Peer& peer) {
                 peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
                 for (int n = 0; n < 100; ++n) {
                   peer.send("x");
                   std::this_thread::sleep_for(50ms);
                 }
               }});
  const auto media = given("7");
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(fetched(media).state, MediaState::Pending);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 4s);
  EXPECT_EQ(files(), 0U);
}

TEST_F(Fetching, ARefusedTokenWaitsAndLosesNothing) {
  meta.answers("/v25.0/7", answer(401, R"({"error":{"code":190,"message":"expired"}})"));
  const auto media = given("7");
  const auto later = fetched(media);
  EXPECT_EQ(later.state, MediaState::Pending);
  EXPECT_EQ(later.attempts, 0);
  EXPECT_GT(later.due_at, now());
}

TEST_F(Fetching, NobodyAsksWithoutAToken) {
  meta.has_file("7", kPng);
  store.run([this](sql::Connection& c) {
    auto channel = store::lock_channel(c, store.tenant, store.channel).value();
    channel.state = "needs_token";
    return store::update_channel(c, channel, now());
  });
  EXPECT_GT(handle(given("7")), now());
  EXPECT_THAT(meta.asked(), IsEmpty());
}

TEST_F(Fetching, AfterSevenDaysItIsGivenUp) {
  const auto media = given("7");
  store.clock.pass(std::chrono::days(8));
  handle(media);
  EXPECT_EQ(reason(media), "expired");
  EXPECT_THAT(meta.asked(), IsEmpty());
}

TEST_F(Fetching, AFullDiskLosesNothing) {
  meta.has_file("7", kPng);
  std::filesystem::remove_all(store.folder.file("media/drafts"));
  const auto media = given("7");
  const auto later = fetched(media);
  EXPECT_EQ(later.state, MediaState::Pending);
  EXPECT_EQ(later.attempts, 0);
  EXPECT_GT(later.due_at, now());
  std::filesystem::create_directory(store.folder.file("media/drafts"));
  store.clock.pass(1min);
  EXPECT_EQ(fetched(media).state, MediaState::Stored);
}

// Its process is gone, and another one comes.
TEST_F(Fetching, ATryIsCountedThoughNobodyHearsOfItsEnd) {
  meta.has_file("7", kPng);
  const auto media = given("7");
  for (int deaths = 0; deaths < 3; ++deaths)
    store.run([&](sql::Connection& c) { EXPECT_TRUE(store::begin_fetch(c, row_in(c, media))); });
  handle(media);
  EXPECT_EQ(reason(media), "crashed");
  EXPECT_THAT(meta.asked(), IsEmpty());
}

TEST_F(Fetching, EqualFilesLieThereOnce) {
  meta.has_file("7", kPng);
  meta.has_file("8", kPng);
  const auto first = given("7");
  const auto second = given("8");
  handle(first);
  EXPECT_EQ(row(first).hash, row(second).hash);
  EXPECT_EQ(files(), 1U);
}

// The file was being deleted when somebody sent it again.
TEST_F(Fetching, AFileThatIsBeingDeletedIsFetchedAgainAfterwards) {
  meta.has_file("7", kPng);
  const auto media = given("7");
  store.run([&](sql::Connection& c) {
    EXPECT_TRUE(store::claim_file(c, sha256(kPng), now() - 3h));
    EXPECT_TRUE(store::doom_file(c, sha256(kPng), now() - 2h));
  });
  const auto later = fetched(media);
  EXPECT_EQ(later.state, MediaState::Pending);
  EXPECT_EQ(later.attempts, 0);
  EXPECT_EQ(files(), 0U);
  store.run([&](sql::Connection& c) { store::forget_file(c, sha256(kPng)); });
  store.clock.pass(1min);
  EXPECT_EQ(fetched(media).state, MediaState::Stored);
  EXPECT_EQ(bytes_of(media), kPng);
}

TEST_F(Fetching, AStoppedFetcherGivesUpItsDownloadAndItIsDueAtOnce) {
  meta.has_file("7", kPng);
  meta.answers("/file/7", {[this](Peer& peer) {
                             peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
                             asio::post(loop.context(), [this] { fetcher->stop(); });
                             for (int n = 0; n < 20; ++n) {
                               peer.send("x");
                               std::this_thread::sleep_for(50ms);
                             }
                           },
                           [](Peer& peer) { peer.send(test::ok(kPng)); }});
  const auto media = given("7");
  const auto later = fetched(media);
  EXPECT_EQ(later.state, MediaState::Pending);
  EXPECT_EQ(later.due_at, now());
  EXPECT_EQ(later.attempts, 0);
  start();
  EXPECT_EQ(fetched(media).state, MediaState::Stored);
}

// Retention -----------------------------------------------------------------------------------------------------------

TEST_F(Fetching, OldFilesGoWithTheirRowsAndYoungOnesStay) {
  meta.has_file("7", kPng);
  meta.has_file("8", kPng);
  meta.has_file("9", kPng + "x");
  handle(given("7"));
  handle(given("9"));
  store.clock.pass(std::chrono::days(10));
  const auto young = given("8");
  handle(young);
  const auto dropped = drop_outlived_media(*store.database, *folder, std::chrono::days(5), now());
  ASSERT_TRUE(dropped) << dropped.error().words();
  EXPECT_EQ(dropped->rows, 2U);
  EXPECT_EQ(dropped->files, 0U) << "not at once";
  store.clock.pass(2h);
  const auto files_gone = drop_outlived_media(*store.database, *folder, std::chrono::days(5), now());
  EXPECT_EQ(files_gone->files, 1U);
  EXPECT_EQ(files(), 1U);
  EXPECT_EQ(bytes_of(young), kPng);
  EXPECT_EQ(store.number("SELECT count(*) FROM media_file"), 1);
}

// It died between the claim and the commit: what lies there is nobody's, and goes.
TEST_F(Fetching, AFileThatNobodyCameToNameGoes) {
  const auto draft = loop.wait(folder->begin()).value();
  ASSERT_TRUE(loop.wait(folder->append(draft, kPng)));
  ASSERT_TRUE(loop.wait(folder->finish(draft)));
  store.run([&](sql::Connection& c) { EXPECT_TRUE(store::claim_file(c, sha256(kPng), now())); });
  ASSERT_TRUE(loop.wait(folder->keep(draft, sha256(kPng))));
  EXPECT_EQ(drop_outlived_media(*store.database, *folder, std::chrono::days(5), now())->files, 0U);
  store.clock.pass(2h);
  EXPECT_EQ(drop_outlived_media(*store.database, *folder, std::chrono::days(5), now())->files, 1U);
  EXPECT_EQ(files(), 0U);
}

}  // namespace
}  // namespace waypost::media
