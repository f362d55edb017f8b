// Faults: what goes wrong, when asked to: the next N times, or with a probability from a seed. Loop only.

#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "sandbox/graph_error.h"
#include "sandbox/settings.h"

namespace waypost::sandbox {

enum class FaultKind {
  // of POST …/messages
  Delay,          // the answer comes `ms` later
  DropBefore,     // the connection is closed, nothing was accepted
  DropAfter,      // the connection is closed, the message was accepted and will be delivered
  EmptyBefore,    // 500 without a body, nothing was accepted
  EmptyAfter,     // 500 without a body, the message was accepted and will be delivered
  CutAnswer,      // the connection ends within the answer, the message was accepted and will be delivered
  HtmlBefore,     // 429 with an HTML page of something in between, nothing was accepted
  Refuse,         // answers error `code`
  FailLate,       // accepts, then a failed status with `code`
  StatusesFirst,  // sent and delivered are told by webhook before the answer
  // of any Graph endpoint
  TokenInvalid,   // 190
  TemplatesFail,  // GET …/message_templates answers error `code`
  // of the download of a file
  MediaDead,     // 404: its address is dead
  MediaCorrupt,  // its last byte is another
  MediaCut,      // the connection ends in its middle
  MediaSlow,     // each 64 KiB come `ms` later
  // of the upload of a file
  UploadRefuse,      // answers error `code`
  UploadEmpty,       // 500 without a body, nothing was kept
  UploadDropBefore,  // the connection is closed, nothing was kept
  UploadDropAfter,   // the connection is closed, the file was kept
  UploadSlow,        // the answer comes `ms` later
  // of webhooks
  DuplicateWebhook,  // sent twice
  ReorderWebhook,    // held back for a random time up to `ms`
};
std::string_view name_of(FaultKind kind);

// Marking as read is spared, but for rules that are for it alone.
enum class FaultTarget { Usual, Marks };

struct FaultRule {
  FaultKind kind = FaultKind::Delay;
  FaultTarget target = FaultTarget::Usual;
  std::optional<std::int64_t> next;  // times left; nothing: by probability
  double probability = 1;
  std::uint64_t seed = 1;
  milliseconds pause{0};
  GraphError error{};
  std::string phone_number_id{};  // empty: of every number
};

// {"kind", "next" | "probability", "seed", "ms", "code", "status", "details", "phone_number_id", "marks"}.
Result<FaultRule> read_fault(const Json& body);

// One fault that struck.
struct Strike {
  milliseconds pause{0};  // of Delay, MediaSlow and UploadSlow: `ms`; of ReorderWebhook: drawn up to it
  GraphError error;
};

class Faults {
 public:
  void add(FaultRule rule);
  void clear() { rules_.clear(); }
  // The first rule of that kind whose turn it is strikes, and is counted.
  std::optional<Strike> strike(FaultKind kind, std::string_view phone_number_id,
                               FaultTarget target = FaultTarget::Usual);
  // Every rule with its count of strikes.
  Json to_json() const;

 private:
  struct Standing {
    FaultRule rule;
    std::mt19937_64 dice;
    std::int64_t struck = 0;
  };
  static bool turn_of(Standing& standing);

  std::vector<Standing> rules_;
};

}  // namespace waypost::sandbox
