// MediaClient: Meta's media endpoints. One a loop; loop only. Tests put a scripted one in its place.
//
//   find      GET /{version}/{media id}?phone_number_id=    what there is, and an address that lives for five minutes
//   download  GET that address                              the bytes
//
// Both carry the access token, which goes to the hosts of graph/media_hosts.h alone, also along a redirect. It never
// reaches an Error or a log; nor do addresses, which are as good as the file.

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "config/settings.h"
#include "graph/client.h"
#include "net/client.h"

namespace waypost {

struct MediaLink {
  std::string url{};
  std::string said_hash{};  // as Meta writes it; "" where it does not
};

// Takes the body in order, piece by piece. Its Error ends the download and is what download() gives.
using TakeBytes = std::function<awaitable<Result<void>>(std::string_view piece)>;

struct MediaDownload {
  std::string url{};
  Secret token{};
  TakeBytes take{};
};

class MediaClient {
 public:
  // `http` outlives the client.
  static std::unique_ptr<MediaClient> make(HttpClient& http, GraphSettings graph, const MediaSettings& media);
  MediaClient(const MediaClient&) = delete;
  MediaClient& operator=(const MediaClient&) = delete;
  virtual ~MediaClient() = default;

  // Rejected: Meta has no such file, or has it no more. RateLimited and Unavailable may pass, Unauthorised wants a
  // token. `number`: the phone number that the file came to.
  virtual awaitable<Result<MediaLink>> find(GraphAccess number, std::string media_id) = 0;
  // NotFound: the address is dead, a new one may not be. Forbidden: a host that may not see a token; nothing was asked
  // of it. Rejected with code too_large: more than max_bytes. The others as above.
  virtual awaitable<Result<void>> download(MediaDownload download) = 0;

 protected:
  MediaClient() = default;
};

}  // namespace waypost
