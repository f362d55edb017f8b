// ChannelLooker: looks at a channel as Meta sees it and keeps what that shows (store/channel_health.h). Loop only; two
// looks at one channel at a time do no harm.

#pragma once

#include <string>

#include "base/clock.h"
#include "base/crypto.h"
#include "config/settings.h"
#include "graph/management_client.h"
#include "sql/database.h"
#include "store/channel_health.h"

namespace waypost {

// All outlive the ChannelLooker.
struct ChannelLookParts {
  sql::Database* database = nullptr;
  ManagementClient* graph = nullptr;
  const Clock* clock = nullptr;
  const Keyring* keyring = nullptr;
};

class ChannelLooker {
 public:
  // `public_url`: how the outside reaches us; empty: not known.
  ChannelLooker(ChannelLookParts parts, HealthSettings settings, std::string public_url)
      : parts_(parts), settings_(settings), public_url_(std::move(public_url)) {}
  ChannelLooker(const ChannelLooker&) = delete;
  ChannelLooker& operator=(const ChannelLooker&) = delete;

  // Asks Meta three things. What Meta refuses is part of the health; an Error is the store's, or a token that cannot be
  // opened. NotFound: the channel is gone.
  awaitable<Result<store::ChannelHealth>> look(store::Channel channel);

 private:
  struct Answer {
    Result<Json> body{};
    std::optional<milliseconds> skew{};
  };
  awaitable<Answer> ask(std::string path, Secret token);
  std::string callback_of(const store::Channel& channel) const;

  const ChannelLookParts parts_;
  const HealthSettings settings_;
  const std::string public_url_;
};

}  // namespace waypost
