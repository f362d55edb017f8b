// Fetch verdict: what becomes of a file that is to be fetched, before the fetch and after one that failed. Pure; any
// thread.

#pragma once

#include <optional>
#include <string_view>
#include <variant>

#include "base/error.h"
#include "store/media.h"

namespace waypost::media {

struct Rest {
  Time until{};
};
struct Lose {
  store::MediaFailure why{};
};
struct Fetch {};
using BeforeFetch = std::variant<Rest, Lose, Fetch>;

// What is known of the file's channel.
struct ChannelSight {
  bool is_there = false;
  bool needs_token = false;
};
BeforeFetch judge_media(const store::Media& media, const ChannelSight& channel, Time now);

// Where a fetch failed.
enum class FetchStep { Find, Download, Check, Disk, Stop };
struct FetchFailure {
  FetchStep step = FetchStep::Find;
  Error error;
};
using AfterFailure = std::variant<store::PutOff, Lose>;
AfterFailure judge_failure(const store::Media& media, const FetchFailure& failure, Time now);

// The address that the webhook brought failed so that another one, asked for by id, may not: it is five minutes old,
// or lies.
bool wants_new_address(const Error& error);

// What has arrived, against what was promised and what is allowed.
struct Arrival {
  Digest hash{};
  std::uint64_t size = 0;
  std::string type{};
  std::optional<Digest> promised{};
};
Result<void> check_arrival(const Arrival& arrival, const std::vector<std::string>& allowed_types);

}  // namespace waypost::media
