#include "outbound/template_sync.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "net/loop.h"
#include "outbound/template_row.h"
#include "store/templates.h"

namespace waypost {
namespace {

// Meta names 250 templates an account by default; a list that never ends is broken.
constexpr int kMostPages = 1'000;
constexpr int kMostBeginnings = 3;
constexpr milliseconds kLongestLimit{std::chrono::hours(1)};

std::vector<store::Template> rows_of(const store::Channel& channel, const TemplatePage& page, Time listed_at) {
  std::vector<store::Template> rows;
  for (const auto& listed : page.templates) {
    if (auto row = template_row(channel, listed, listed_at)) rows.push_back(*std::move(row));
  }
  return rows;
}

std::size_t upsert_all(sql::Connection& connection, const std::vector<store::Template>& rows, Time now) {
  std::size_t changed = 0;
  for (const auto& row : rows) changed += store::upsert_template(connection, row, now) ? 1 : 0;
  return changed;
}

}  // namespace

awaitable<Result<TemplatePage>> TemplateSync::page(GraphAccess account, std::string after) {
  auto pause = parts_.first_pause;
  for (int tries = 1;; ++tries) {
    auto page = co_await parts_.graph->list_templates(account, after);
    const bool may_pass = !page && page.error().kind() == ErrorKind::Unavailable;
    if (!may_pass || tries >= parts_.tries) co_return page;
    co_await sleep_for(pause);
    pause *= 2;
  }
}

bool TemplateSync::is_limited(const std::string& account) const {
  const auto known = limits_.find(account);
  return known != limits_.end() && parts_.clock->now() < known->second.until;
}

void TemplateSync::note_limit(const std::string& account) {
  Limit& limit = limits_[account];
  limit.pause = limit.pause.count() == 0 ? parts_.limited_pause : std::min(limit.pause * 2, kLongestLimit);
  limit.until = parts_.clock->now() + limit.pause;
}

awaitable<Result<SyncedTemplates>> TemplateSync::sync(store::Channel channel) {
  const std::string account = channel.waba_id;
  if (is_limited(account))
    co_return fail(ErrorKind::RateLimited, "Meta asks for a pause: it was asked too often about this business account");
  auto token = parts_.keyring->open(channel.sealed_access_token, store::kAccessTokenPurpose);
  if (!token) co_return fail(std::move(token.error()).during("syncing templates"));
  const GraphAccess access{.id = account, .token = *std::move(token)};
  Result<SyncedTemplates> synced = SyncedTemplates{};
  for (int beginnings = 0; beginnings < kMostBeginnings; ++beginnings) {
    synced = co_await list(channel, access);
    if (synced || synced.error().kind() != ErrorKind::Conflict) break;
  }
  if (!synced && synced.error().kind() == ErrorKind::RateLimited) note_limit(account);
  if (synced) limits_.erase(account);
  co_return synced;
}

// One reading from the start.
awaitable<Result<SyncedTemplates>> TemplateSync::list(store::Channel channel, GraphAccess account) {
  const Time listed_at = parts_.clock->now();
  SyncedTemplates synced;
  std::string after;
  for (int pages = 0; pages < kMostPages; ++pages) {
    auto listed = co_await page(account, after);
    if (!listed) co_return fail(std::move(listed.error()).during("listing templates"));
    auto rows = rows_of(channel, *listed, listed_at);
    synced.listed += rows.size();
    auto unit = [rows = std::move(rows), now = parts_.clock->now()](sql::Connection& connection) {
      return upsert_all(connection, rows, now);
    };
    const auto changed = co_await parts_.database->write(sql::lane_key(channel.tenant), std::move(unit));
    if (!changed) co_return fail(changed.error());
    synced.changed += *changed;
    if (!listed->after) co_return co_await finish(std::move(channel), listed_at, synced);
    after = *std::move(listed->after);
  }
  co_return fail(ErrorKind::Unavailable, "the template list has no end");
}

awaitable<Result<SyncedTemplates>> TemplateSync::finish(store::Channel channel, Time listed_at,
                                                        SyncedTemplates synced) {
  const sql::LaneKey lane = sql::lane_key(channel.tenant);
  auto unit = [channel = std::move(channel), listed_at, now = parts_.clock->now()](sql::Connection& connection) {
    const store::TemplateListing listing{.tenant = channel.tenant, .waba_id = channel.waba_id, .at = listed_at};
    store::note_templates_synced(connection, listing);
    return store::delete_unlisted_templates(connection, listing, now);
  };
  const auto deleted = co_await parts_.database->write(lane, std::move(unit));
  if (!deleted) co_return fail(deleted.error());
  synced.deleted = *deleted;
  co_return synced;
}

awaitable<void> TemplateSync::sync_due(milliseconds older_than) {
  const auto channels =
      co_await parts_.database->read([](sql::Connection& connection) { return store::all_channels(connection); });
  if (!channels) {
    log::warn("templates: the channels cannot be read: {}", channels.error().words());
    co_return;
  }
  const Time limit = parts_.clock->now() - older_than;
  std::set<std::pair<TenantId, std::string>> done;  // an account's list serves all its channels
  for (const auto& channel : *channels) {
    if (channel.templates_synced_at && *channel.templates_synced_at > limit) continue;
    if (is_limited(channel.waba_id) || !done.insert({channel.tenant, channel.waba_id}).second) continue;
    const auto synced = co_await sync(channel);
    if (!synced) log::warn("channel {}: {}", channel.id.text(), synced.error().words());
  }
}

}  // namespace waypost
