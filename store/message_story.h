// The story of one message: the rows around it from which its timeline is told (api/timeline.h). Reads only. Lane only.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/media.h"
#include "store/message_marks.h"
#include "store/messages.h"
#include "store/recipients.h"
#include "store/runs.h"

namespace waypost::store {

// One attempt's exchange with the Graph API.
struct Exchange {
  std::int64_t attempt = 0;
  Time started_at{};
  std::optional<Time> ended_at{};
  Json trace{};  // redacted
};

struct MessageStory {
  Message message{};
  std::optional<std::string> node{};            // whose journal took its webhook; nothing: it is not known any more
  bool waits_for_run = false;                   // in: no run has taken it yet
  std::optional<Run> run{};                     // in: the run it started; out: the run that made it
  std::vector<Step> steps{};                    // in: of that run
  std::vector<Exchange> exchanges{};            // of attempts before the last, by attempt
  std::vector<RecipientProgress> recipients{};  // out, to a group: how far it came with each participant
  std::optional<Message> replacement{};         // sent or held instead
  std::optional<Media> media{};                 // the file it brings
  std::vector<Mark> marks{};                    // what later messages say about it
};
std::optional<MessageStory> read_story(sql::Connection& connection, TenantId tenant, MessageId id);

}  // namespace waypost::store
