// TemplateSync: copies a business account's template list from the Graph API into the store: at a channel's creation,
// on demand, daily. Loop only; two syncs of one account at a time do no harm.

#pragma once

#include <cstddef>
#include <functional>

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

  // Reads every page, upserts, and marks what is no longer listed DELETED. An Error leaves what pages had brought, and
  // deletes nothing.
  awaitable<Result<SyncedTemplates>> sync(store::Channel channel);
  // Syncs the channels whose last sync is `older_than` ago or that never had one; call it every few minutes. A
  // channel that fails is logged and left for the next call.
  awaitable<void> sync_due(milliseconds older_than);

 private:
  awaitable<Result<TemplatePage>> page(GraphAccess account, std::string after);
  awaitable<Result<SyncedTemplates>> finish(store::Channel channel, Time listed_at, SyncedTemplates synced);

  TemplateSyncParts parts_;
};

}  // namespace waypost
