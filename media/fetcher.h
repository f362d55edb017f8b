// MediaFetcher: the handler of the "media" queue. Takes one conversation and fetches the files that its messages bring,
// one after the other.
//
//   read ─▶ judge ─▶ count the try ─▶ (ask for an address) ─▶ download into a draft ─▶ check ─▶ claim ─▶ keep ─▶ stored
//                                           └──────── failed: put off, or unavailable for good ────────┘
//
// Nothing here is safe by a lease: of two handlers on one file the second one's commit finds nothing to do, and the
// file is the same. A process that dies leaves a pending row and a draft that nobody names. One a process, on one loop;
// loop only.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/crypto.h"
#include "graph/media_client.h"
#include "media/folder.h"
#include "queue/worker_pool.h"
#include "sql/database.h"

namespace waypost::media {

// All outlive the fetcher.
struct MediaFetcherParts {
  sql::Database* database = nullptr;
  MediaClient* client = nullptr;
  MediaFolder* folder = nullptr;
  const Clock* clock = nullptr;
  const Keyring* keyring = nullptr;
};

class MediaFetcher {
 public:
  MediaFetcher(MediaFetcherParts parts, std::vector<std::string> allowed_types);
  MediaFetcher(const MediaFetcher&) = delete;
  MediaFetcher& operator=(const MediaFetcher&) = delete;
  ~MediaFetcher();

  // A WorkHandler: `[&fetcher](ReadyKey key) { return fetcher.handle(key); }`. An Error means the store is away.
  awaitable<WorkOutcome> handle(ReadyKey key);
  // What is being downloaded is given up with its next bytes, and due at once: for whoever is there then.
  void stop();

 private:
  struct Needs;
  class Fetching;
  std::unique_ptr<Needs> needs_;
};

}  // namespace waypost::media
