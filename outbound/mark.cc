#include "outbound/mark.h"

#include <utility>

namespace waypost {

awaitable<Result<void>> post_mark(GraphClient& graph, const Keyring& keyring, store::Channel channel, Json mark) {
  const auto token = keyring.open(channel.sealed_access_token, store::kAccessTokenPurpose);
  if (!token) co_return fail(ErrorKind::Rejected, "the channel's access token cannot be opened");
  GraphAccess number{.id = channel.phone_number_id, .token = *token};
  co_return co_await graph.post_mark(std::move(number), std::move(mark));
}

}  // namespace waypost
