// Payload: Meta's envelope, read into updates. Pure; any thread.
//
//   entry[i].changes[j].value ─┬─ messages[k], message_echoes[k], history[k].threads[l].messages[m],
//                              │  calls[k] that connect      one MessageUpdate each, the message kept whole
//                              ├─ statuses[k]                one StatusUpdate each
//                              └─ all else                   OtherUpdate: account news, unknown fields and words …
//
// webhook/chat_fields.h says how the fields that bring messages are read.
//
// A part that cannot be read is a Malformed of its own and harms nothing beside it (law 3); a body that is not JSON, or
// no envelope at all, is one Malformed with an empty place. What no parser takes stands as a text (webhook/tamed.h).
// Meta's numbers and strings are read alike. Nothing throws.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "store/dead_letters.h"
#include "store/inbound.h"
#include "store/statuses.h"

namespace waypost {

// Where in the body, and whose.
struct UpdateOrigin {
  std::string place{};  // "entry[0].changes[1].value.messages[3]"
  std::string waba_id{};
  std::string phone_number_id{};  // "" where the update names none
};

struct MessageUpdate {
  UpdateOrigin origin{};
  store::Inbound inbound{};        // all but tenant and channel
  Json contact{};                  // the customer's entry of contacts[], or null
  std::string field = "messages";  // of the change
  std::string list = "messages";   // in which the message stood
  Json thread{};                   // of the history: the thread without its messages; else null
};

struct StatusUpdate {
  UpdateOrigin origin{};
  store::Status status{};
};

struct OtherUpdate {
  UpdateOrigin origin{};
  std::string field{};         // "messages", "account_update" …
  std::optional<Time> time{};  // entry.time, where there is one: two equal updates of other times are two
  Json value{};                // as Meta sent it
};

struct Malformed {
  UpdateOrigin origin{};
  store::DeadReason reason = store::DeadReason::WrongShape;
  std::string words{};
  std::string raw{};  // an envelope around it alone; of a body that is none, its bytes
};

struct Payload {
  std::vector<MessageUpdate> messages{};
  std::vector<StatusUpdate> statuses{};
  std::vector<OtherUpdate> others{};
  std::vector<Malformed> malformed{};
};

Payload read_payload(std::string_view body);

// The envelope around one update alone: what a dead letter keeps, and what read_payload reads again.
std::string slice_of(const MessageUpdate& update);
std::string slice_of(const StatusUpdate& update);
std::string slice_of(const OtherUpdate& update);
// The same around several.
std::string slice_of(const std::vector<StatusUpdate>& updates);

}  // namespace waypost
