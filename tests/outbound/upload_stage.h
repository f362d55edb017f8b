// UploadStage: a Stage with files of the workspace, a disk that holds them and a scripted Meta that takes them. Test
// thread only.

#pragma once

#include <deque>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "net/loop.h"
#include "store/contacts.h"
#include "store/files_at_meta.h"
#include "store/inbound.h"
#include "store/media_files.h"
#include "store/outbox.h"
#include "tests/outbound/stage.h"

namespace waypost::test {

// Answers as the test says, else with an id of its own; reads what it is given.
class ScriptedUploads final : public UploadClient {
 public:
  struct Asked {
    std::string number{};
    std::string token{};
    std::string type{};
    std::string name{};
    std::string bytes{};
  };
  void answers(std::int64_t code) {
    const auto action = judge_error({.code = code, .http_status = 400});
    const bool unknown = action == GraphAction::Unknown;
    next_.push_back(Refused{.why = Error(ErrorKind::Rejected, "Meta's words"),
                            .action = unknown ? GraphAction::Retry : action,
                            .code = code});
  }
  void is_unreachable() {
    next_.push_back(Refused{.why = Error(ErrorKind::Unavailable, "reset"), .action = GraphAction::Retry});
  }
  // None is answered until it is released.
  void hold() { held_ = true; }
  void release() { held_ = false; }
  // The next one, when Meta has the file.
  void dies() { dies_ = true; }

  awaitable<UploadAnswer> upload(GraphAccess number, FileToUpload file) override {
    Asked one{.number = number.id, .token = number.token.reveal(), .type = file.type, .name = file.name};
    while (one.bytes.size() < file.bytes.size) {
      const auto piece = co_await file.bytes.next();
      if (!piece) break;
      one.bytes += *piece;
    }
    asked.push_back(std::move(one));
    if (std::exchange(dies_, false)) throw std::runtime_error("the process is gone");
    while (held_) co_await sleep_for(milliseconds(1));
    if (next_.empty()) co_return Uploaded{.id = "media-" + std::to_string(asked.size())};
    auto answer = std::move(next_.front());
    next_.pop_front();
    co_return answer;
  }
  awaitable<Result<std::string>> handle(GraphAccess, FileToUpload) override {
    co_return fail(ErrorKind::Internal, "no sends' business");
  }

  std::vector<Asked> asked;

 private:
  std::deque<UploadAnswer> next_;
  bool held_ = false;
  bool dies_ = false;
};

class UploadStage : public Stage {
 protected:
  UploadStage() {
    settings.pacing = false;
    another_process();
  }
  void another_process() {
    auto all = parts();
    all.uploads = &uploads;
    all.open_file = [this](Digest hash) { return open(hash); };
    sender = std::make_unique<Sender>(all, settings, GraphSettings{});
  }
  awaitable<Result<BodySource>> open(Digest hash) {
    if (disk_fails) co_return fail(ErrorKind::Unavailable, "the disk is away");
    const auto file = disk.find(hash);
    if (file == disk.end()) co_return fail(ErrorKind::NotFound, "no such file");
    co_return BodySource{.size = file->second.size(),
                         .next = [bytes = file->second]() -> awaitable<Result<std::string>> {
                           return [](std::string all) -> awaitable<Result<std::string>> { co_return all; }(bytes);
                         }};
  }
  std::string given_upload(const std::string& bytes = "a picture") {
    const auto hash = sha256(bytes);
    disk[hash] = bytes;
    return in_store([&](sql::Connection& c) {
      EXPECT_TRUE(store::claim_file(c, hash, clock.now()));
      const store::Upload upload{.tenant = tenant,
                                 .kind = "image",
                                 .mime_type = "image/png",
                                 .size = std::ssize(bytes),
                                 .hash = hash,
                                 .file_name = "a.png"};
      return store::keep_upload(c, upload, clock.now(), clock.now())->id.text();
    });
  }
  MessageId given_send(const std::string& upload, std::optional<store::Conversation> to = std::nullopt) {
    const auto where = to ? *to : conversation();
    return in_store([&](sql::Connection& c) {
      store::Message message{.type = "image", .content = {{"uploadId", upload}}};
      message.author = "api";
      message.expires_at = clock.now() + std::chrono::hours(24);
      return store::queue_message(c, where, message, clock.now()).id;
    });
  }
  store::Conversation given_customer(int number) {
    return in_store([&](sql::Connection& c) {
      store::Inbound inbound{.phone_number_id = "106", .sender = {.phone = "4917000" + std::to_string(number)}};
      inbound.message = {.tenant = tenant, .channel = channel_id, .text = "hi"};
      inbound.message.wamid = "wamid.in.c" + std::to_string(number);
      inbound.message.happened_at = clock.now();
      store::receive_message(c, inbound, clock.now());
      const auto who =
          *store::contact_of_alias(c, tenant, {.kind = AliasKind::Phone, .value = "4917000" + std::to_string(number)});
      return *store::conversation_of(c, tenant, who, channel_id);
    });
  }
  std::vector<std::string> ids_posted() const {
    std::vector<std::string> ids;
    for (const auto& post : graph.posts) ids.push_back(text_or_empty(post.message["image"], "id"));
    return ids;
  }

  ScriptedUploads uploads;
  std::map<Digest, std::string> disk;
  bool disk_fails = false;
};

}  // namespace waypost::test
