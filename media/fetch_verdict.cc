#include "media/fetch_verdict.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "conversation/media_type.h"

namespace waypost::media {
namespace {

using std::chrono::minutes;

// As long as Meta keeps what a webhook has named.
constexpr std::chrono::days kKeptByMeta{7};
// Fetches that began and nobody heard of again: the process died over them, or beside them. Few, so that a file which
// kills it does so less often than systemd starts it in ten seconds.
constexpr std::int64_t kMostUnended = 3;
constexpr std::int64_t kMostMismatches = 3;
constexpr milliseconds kFirstPause{2'000};
constexpr milliseconds kLongestPause = minutes(15);
constexpr milliseconds kWithoutToken = minutes(1);
constexpr milliseconds kRefusedToken = minutes(5);
constexpr milliseconds kThrottled = minutes(1);
constexpr milliseconds kDiskPause{30'000};
constexpr std::int64_t kMostDoublings = 20;

milliseconds pause_after(std::int64_t failures) {
  return std::min(kFirstPause * (std::int64_t{1} << std::min(failures, kMostDoublings)), kLongestPause);
}

Lose lost(std::string_view reason, std::string words) { return {{std::string(reason), std::move(words)}}; }

store::PutOff later(const Error& error, std::string_view reason, Time due) {
  return {.due = due, .why = {.reason = std::string(reason), .words = error.words()}};
}

store::PutOff not_counted(const Error& error, std::string_view reason, Time due) {
  store::PutOff off = later(error, reason, due);
  off.counted = store::Counted::No;
  return off;
}

}  // namespace

BeforeFetch judge_media(const store::Media& media, const ChannelSight& channel, Time now) {
  if (media.due_at && *media.due_at > now) return Rest{*media.due_at};
  if (now - media.created_at > kKeptByMeta)
    return lost(kMediaExpired, "it could not be fetched in the seven days that Meta keeps it" +
                                   (media.failure ? ": " + media.failure->words : std::string()));
  if (!channel.is_there) return lost(kMediaNoChannel, "the channel that it came by is gone");
  if (channel.needs_token) return Rest{now + kWithoutToken};
  if (media.attempts - media.failures >= kMostUnended)
    return lost(kMediaCrashed, "the process ended again and again while it was fetched");
  return Fetch{};
}

AfterFailure judge_failure(const store::Media& media, const FetchFailure& failure, Time now) {
  const auto& error = failure.error;
  if (failure.step == FetchStep::Stop) return not_counted(error, "stopped", now);
  if (failure.step == FetchStep::Disk) return not_counted(error, "disk", now + kDiskPause);
  switch (error.kind()) {
    case ErrorKind::Rejected:
      if (error.code() == kMediaHashMismatch && media.failures + 1 < kMostMismatches) break;
      return lost(error.code().empty() ? kMediaGone : std::string_view(error.code()), error.words());
    case ErrorKind::Forbidden:
      return lost(kMediaForbiddenHost, error.words());
    case ErrorKind::Unauthorised:
      return not_counted(error, "token", now + kRefusedToken);
    case ErrorKind::RateLimited:
      return not_counted(error, "throttled", now + kThrottled);
    case ErrorKind::NotFound:
      if (!media.named.id) return lost(kMediaGone, "its address is dead, and it has no id to ask for another");
      break;
    case ErrorKind::InvalidInput:
    case ErrorKind::Conflict:
    case ErrorKind::Unavailable:
    case ErrorKind::Internal:
      break;
  }
  auto off = later(error, "failed", now + pause_after(media.failures));
  off.url_is_dead = media.named.id.has_value();
  return off;
}

bool wants_new_address(const Error& error) {
  constexpr std::array kKinds{ErrorKind::NotFound, ErrorKind::Forbidden, ErrorKind::Unauthorised,
                              ErrorKind::InvalidInput};
  return std::ranges::find(kKinds, error.kind()) != kKinds.end();
}

Result<void> check_arrival(const Arrival& arrival, const std::vector<std::string>& allowed_types) {
  const auto refused = [](std::string_view reason, std::string words) {
    return fail(Error(ErrorKind::Rejected, std::move(words)).with_code(std::string(reason)));
  };
  if (arrival.promised && *arrival.promised != arrival.hash)
    return refused(kMediaHashMismatch, "the bytes are not those that Meta announced (SHA-256)");
  if (arrival.size == 0) return refused(kMediaEmpty, "the file is empty");
  if (!is_allowed_type(arrival.type, allowed_types))
    return refused(kMediaForbiddenType, arrival.type + " is not in media.types");
  return {};
}

}  // namespace waypost::media
