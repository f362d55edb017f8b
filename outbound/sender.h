// Sender: the handler of the "sends" queue. Takes one stream of one conversation and sends what is due, in sequence.
//
//   read head ─▶ decide ─▶ (its files to Meta: read again) ─▶ window ─▶ pacing ─▶ CAS queued→sending ─▶ POST (within 5
//   s, by the committer only)
//       ▲                                                              │ accepted │ refused │ unclear
//       └──────────────────────── commit the result ◀──────────────────┘
//
// A head that waits (its due time, pacing, an unknown outcome, a token) keeps its place and holds no worker: the
// handler returns its time. Held rows stand aside until the customer writes. Nothing here is safe by a lease: every
// step is a CAS in the store (laws 5 and 8), so two handlers on one conversation make one POST.
//
// One a process, on one loop; loop only. Its pacing lives in memory, and beside other nodes in Redis too.

#pragma once

#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/crypto.h"
#include "config/settings.h"
#include "graph/client.h"
#include "graph/upload_client.h"
#include "queue/signals.h"
#include "queue/worker_pool.h"
#include "sql/database.h"

namespace waypost {

class RateBuckets;
struct SenderState;

// All outlive the Sender.
struct SenderParts {
  sql::Database* database = nullptr;
  GraphClient* graph = nullptr;
  Signals* signals = nullptr;
  const Clock* clock = nullptr;
  const Keyring* keyring = nullptr;
  // Up to when every received webhook has been applied: the applier's progress, the present when it is idle. The grace
  // of an unknown outcome counts by it. Called on the Sender's loop.
  std::function<Time()> webhooks_applied{};
  // What other nodes send by the same numbers counts too; nothing: there are none.
  RateBuckets* buckets = nullptr;
  // How files of ours go to Meta before what names them does. `open_file`: NotFound when the media folder has none of
  // that content. Without them what names files waits.
  UploadClient* uploads = nullptr;
  std::function<awaitable<Result<BodySource>>(Digest)> open_file{};
  std::chrono::days file_ids_kept{29};  // how long Meta's ids of them are believed
  // No other node shares the store: a row left `sending` by an earlier process is nobody's.
  bool is_only_node = true;
};

class Sender {
 public:
  Sender(SenderParts parts, SendingSettings sending, GraphSettings graph);
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;
  ~Sender();

  // A WorkHandler: `[&sender](ReadyKey key) { return sender.handle(key); }`. An Error means the store is away.
  awaitable<WorkOutcome> handle(ReadyKey key);
  // Files that are on their way to Meta are given up with their next bytes; their messages stay queued.
  void stop();

 private:
  class Turn;
  std::unique_ptr<SenderState> state_;
};

}  // namespace waypost
