// Moving and restoring, for the installation's admin: the store as a stream, what waits since a restore, and the
// journal of a node that is gone. A thread of the request's own does what blocks, so that no loop and no lane waits.

#include "api/door.h"
#include "api/input.h"
#include "api/own_thread.h"
#include "api/routes.h"
#include "base/log.h"
#include "net/loop.h"
#include "sql/open.h"
#include "store/export.h"
#include "store/restored_sends.h"
#include "store/tenants.h"
#include "webhook/adoption.h"

namespace waypost::api {
namespace {

constexpr std::size_t kReleasedTogether = 200;
constexpr std::chrono::milliseconds kBetweenWords{500};

// Backup ------------------------------------------------------------------------------------------------------------

class Backup {
 public:
  static Result<std::shared_ptr<Backup>> begin(const Secret& url, Time now) {
    auto session = sql::open_reader(url);
    if (!session) return fail(std::move(session.error()));
    auto made = std::make_shared<Backup>(*std::move(session), now);
    auto first = made->next();
    if (!first) return fail(first.error());
    made->first_ = *std::move(first);
    return made;
  }
  Backup(std::unique_ptr<sql::Session> session, Time now)
      : session_(std::move(session)), exporter_(*session_, store::Taken::Online, now) {}

  // The next lines; nothing at the end.
  Result<std::optional<std::string>> next() {
    if (first_) return std::exchange(first_, std::nullopt);
    try {
      if (!begun_) session_->begin();
      begun_ = true;
      return exporter_.next();
    } catch (const sql::Fault& fault) {
      return fail(fault.error().during("backing up"));
    }
  }

 private:
  std::unique_ptr<sql::Session> session_;
  store::Exporter exporter_;
  std::optional<std::string> first_;
  bool begun_ = false;
};

// A stream that ends without the foot is no backup, and whoever reads it sees that.
awaitable<void> stream_backup(OwnThread thread, std::shared_ptr<Backup> backup, BodyWriter& out) {
  while (true) {
    const auto piece = co_await on_thread(thread, [backup] { return backup->next(); });
    if (!piece) {
      log::error("the backup is cut short: {}", piece.error().words());
      co_return;
    }
    if (!*piece) co_return;
    if (!(*piece)->empty() && !co_await out.write(**piece)) co_return;
  }
}

awaitable<Result<Response>> back_up(Shared& shared, Request) {
  const auto thread = own_thread();
  auto backup = co_await on_thread(
      thread, [&url = shared.settings.store.url, now = shared.clock.now()] { return Backup::begin(url, now); });
  if (!backup) co_return fail(backup.error());
  Response response;
  response.headers.add("Content-Type", "application/x-ndjson");
  response.stream = [thread, backup = *backup](BodyWriter& out) { return stream_backup(thread, backup, out); };
  co_return response;
}

// What waits since a restore ----------------------------------------------------------------------------------------

awaitable<Result<Response>> list_held(Shared& shared, Request) {
  const auto rows =
      co_await shared.database.read([](sql::Connection& connection) { return store::held_sends(connection); });
  if (!rows) co_return fail(rows.error());
  Json items = Json::array();
  for (const auto& row : *rows) items.push_back(store::to_json(row));
  co_return ok({{"items", std::move(items)}});
}

using SettleSome = std::vector<store::DueConversation> (*)(sql::Connection&, std::optional<TenantId>, std::size_t,
                                                           Time);

void offer_sends(Shared& shared, const std::vector<store::DueConversation>& conversations) {
  std::vector<Signal> signals;
  for (const auto& due : conversations) {
    signals.push_back({.queue = QueueName::Sends,
                       .key = {.owner = due.tenant,
                               .key = due.conversation,
                               .stream = due.stream == "bulk" ? Stream::Bulk : Stream::Reply,
                               .channel = due.channel}});
  }
  shared.parts.signals->offer(std::move(signals));
}

awaitable<Result<std::int64_t>> settle_all(Shared& shared, std::optional<TenantId> tenant, SettleSome settle) {
  std::int64_t settled = 0;
  while (true) {
    const auto some = co_await shared.database.write(
        0,
        [=, now = shared.clock.now()](sql::Connection& connection) {
          return settle(connection, tenant, kReleasedTogether, now);
        },
        sql::Urgency::Bulk);
    if (!some) co_return fail(some.error());
    if (some->empty()) co_return settled;
    settled += static_cast<std::int64_t>(some->size());
    offer_sends(shared, *some);
  }
}

// Without a workspace: of all.
awaitable<Result<std::optional<TenantId>>> asked_workspace(Shared& shared, const Request& request) {
  auto input = Input::of(request);
  if (!input) co_return fail(input.error());
  const auto text = input->maybe_text("workspaceId");
  const auto tenant = text ? TenantId::parse(*text) : std::nullopt;
  if (text && !tenant) input->complain("workspaceId", "Invalid uuid");
  if (auto fine = input->end(); !fine) co_return fail(fine.error());
  if (!tenant) co_return std::optional<TenantId>();
  const auto found =
      co_await shared.database.read([tenant](auto& connection) { return store::find_tenant(connection, *tenant); });
  if (!found) co_return fail(found.error());
  if (!*found) co_return fail(ErrorKind::NotFound, "No such workspace");
  co_return tenant;
}

awaitable<Result<Response>> settle_held(Shared& shared, Request request, SettleSome settle, const char* word) {
  const auto tenant = co_await asked_workspace(shared, request);
  if (!tenant) co_return fail(tenant.error());
  const auto settled = co_await settle_all(shared, *tenant, settle);
  if (!settled) co_return fail(settled.error());
  co_return ok({{word, *settled}});
}

awaitable<Result<Response>> release_held(Shared& shared, Request request) {
  return settle_held(shared, std::move(request), store::release_some, "released");
}

awaitable<Result<Response>> drop_held(Shared& shared, Request request) {
  return settle_held(shared, std::move(request), store::drop_some, "dropped");
}

// A journal of a node that is gone ----------------------------------------------------------------------------------

std::string progress_line(const AdoptionProgress& progress, const char* state) {
  return dump({{"state", state},
               {"journal", progress.journal.text()},
               {"applied", progress.applied},
               {"end", progress.end}}) +
         "\n";
}

awaitable<void> end_adoption(OwnThread thread, std::shared_ptr<Adoption> adoption, BodyWriter& out) {
  const auto done = co_await on_thread(thread, [adoption] { return adoption->finish(); });
  const auto progress = adoption->progress();
  if (done) {
    co_await out.write(progress_line(progress, "adopted"));
    co_return;
  }
  log::error("a journal is applied, but not marked as adopted: {}", done.error().words());
  co_await out.write(dump({{"state", "failed"}, {"error", done.error().words()}}) + "\n");
}

awaitable<void> stream_adoption(OwnThread thread, std::shared_ptr<Adoption> adoption, BodyWriter& out) {
  while (true) {
    co_await on_thread(thread, [adoption] {
      adoption->wait(kBetweenWords);
      return true;
    });
    const auto progress = adoption->progress();
    if (!co_await out.write(progress_line(progress, "applying"))) break;
    if (progress.is_over()) {
      co_await end_adoption(thread, adoption, out);
      break;
    }
  }
  // Its last owner stops the applier, which blocks: not on the loop.
  co_await on_thread(thread, [&adoption] {
    adoption.reset();
    return true;
  });
}

awaitable<Result<Response>> adopt_journal(Shared& shared, Request request) {
  auto input = Input::of(request);
  if (!input) co_return fail(input.error());
  const std::string folder = input->text("folder", {.most = 4096});
  if (!folder.empty() && !folder.starts_with('/')) input->complain("folder", "Expected an absolute path");
  if (auto fine = input->end(); !fine) co_return fail(fine.error());
  const auto thread = own_thread();
  const AdoptionParts parts{.database = shared.database,
                            .signals = *shared.parts.signals,
                            .clock = shared.clock,
                            .node = shared.settings.node};
  auto adoption = co_await on_thread(thread, [&] { return Adoption::begin(folder, parts); });
  if (!adoption) co_return fail(adoption.error());
  Response response;
  response.headers.add("Content-Type", "application/x-ndjson");
  response.stream = [thread, held = std::shared_ptr<Adoption>(*std::move(adoption))](BodyWriter& out) mutable {
    return stream_adoption(thread, std::move(held), out);
  };
  co_return response;
}

}  // namespace

void add_move_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<OpenEntry>{
                  {"GET", "/admin/backup", back_up},
                  {"GET", "/admin/sends/held", list_held},
                  {"POST", "/admin/sends/release", release_held},
                  {"POST", "/admin/sends/drop", drop_held},
                  {"POST", "/admin/journals/adopt", adopt_journal},
              });
}

}  // namespace waypost::api
