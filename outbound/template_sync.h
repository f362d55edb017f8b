// TemplateSync: copies a business account's template list from the Graph API into the store: at a channel's creation,
// on demand, daily. Loop only; two syncs of one account at a time do no harm.

#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/error.h"
#include "graph/client.h"
#include "sql/database.h"
#include "store/channels.h"

namespace waypost {

// All outlive the TemplateSync.
struct TemplateSyncParts {
  sql::Database* database = nullptr;
  GraphClient* graph = nullptr;
  const Clock* clock = nullptr;
  const Keyring* keyring = nullptr;
  milliseconds first_pause{1'000};  // before the second try of a page; doubles
  int tries = 5;                    // of a page
  // When Meta says that an account is asked too often (80007, 4): it is left alone for so long, doubling up to an hour,
  // which is the span that Meta counts.
  milliseconds limited_pause{std::chrono::minutes(1)};
};

struct SyncedTemplates {
  std::size_t listed = 0;
  std::size_t changed = 0;  // new ones too
  std::size_t deleted = 0;
};

class TemplateSync {
 public:
  explicit TemplateSync(TemplateSyncParts parts) : parts_(parts) {}
  TemplateSync(const TemplateSync&) = delete;
  TemplateSync& operator=(const TemplateSync&) = delete;

  // Reads every page, upserts, and marks what is no longer listed DELETED; begins anew when Meta's cursor expires on
  // the way. An Error leaves what pages had brought, and deletes nothing. RateLimited, without asking Meta, while the
  // account is left alone.
  awaitable<Result<SyncedTemplates>> sync(store::Channel channel);
  // Syncs the channels whose last sync is `older_than` ago or that never had one; call it every few minutes. A
  // channel that fails is logged and left for the next call.
  awaitable<void> sync_due(milliseconds older_than);

 private:
  struct Limit {
    Time until{};
    milliseconds pause{0};
  };

  awaitable<Result<TemplatePage>> page(GraphAccess account, std::string after);
  awaitable<Result<SyncedTemplates>> list(store::Channel channel, GraphAccess account);
  bool is_limited(const std::string& account) const;
  void note_limit(const std::string& account);
  awaitable<Result<SyncedTemplates>> finish(store::Channel channel, Time listed_at, SyncedTemplates synced);

  TemplateSyncParts parts_;
  std::map<std::string, Limit> limits_;  // by business account
};

}  // namespace waypost
