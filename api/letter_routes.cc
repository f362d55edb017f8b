// Dead letters, for the installation's admin: what waits and why, each with its bytes, and one tried again or dropped.

#include <algorithm>

#include "api/door.h"
#include "api/input.h"
#include "api/letter_filter.h"
#include "api/own_thread.h"
#include "api/paging.h"
#include "api/routes.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/text.h"

namespace waypost::api {
namespace {

constexpr std::int64_t kMostCounted = 10'000;

Json page_json(sql::Connection& connection, const store::LetterFilter& filter, const store::Page& page) {
  Json items = Json::array();
  for (const auto& letter : store::list_letters(connection, filter, page)) items.push_back(store::to_json(letter));
  const auto total = store::count_letters(connection, filter, kMostCounted);
  return {{"items", std::move(items)},
          {"total", total},
          {"totalIsAtLeast", total == kMostCounted},
          {"waiting", store::waiting_letters(connection, kMostCounted)}};
}

awaitable<Result<Response>> list(Shared& shared, AdminCall call) {
  const auto page = read_page(call.request);
  if (!page) co_return fail(page.error());
  auto filter = read_filter(call.request);
  if (!filter) co_return fail(filter.error());
  co_return respond(200, co_await shared.database.read([filter = *std::move(filter), page = *page](auto& connection) {
    return page_json(connection, filter, page);
  }));
}

// What people can read in a terminal.
bool is_text(std::string_view raw) {
  const auto is_control = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n' && c != '\r' && c != '\t') || byte == 0x7f;
  };
  return valid_utf8(raw) && std::ranges::none_of(raw, is_control);
}

Json with_raw(const store::DeadLetter& letter) {
  Json json = store::to_json(letter);
  const bool text = is_text(letter.raw);
  json["encoding"] = text ? "text" : "base64";
  json["raw"] = text ? letter.raw : base64(letter.raw);
  return json;
}

awaitable<Result<Response>> show(Shared& shared, AdminCall call) {
  const auto id = path_id<DeadLetterId>(call.request);
  if (!id) co_return fail(id.error());
  const auto letter =
      co_await shared.database.read([id = *id](auto& connection) { return store::find_dead_letter(connection, id); });
  if (!letter) co_return fail(letter.error());
  if (!*letter) co_return not_found();
  co_return ok(with_raw(**letter));
}

awaitable<Result<Response>> retry(Shared& shared, AdminCall call) {
  const auto id = path_id<DeadLetterId>(call.request);
  if (!id) co_return fail(id.error());
  auto input = Input::of(call.request);
  if (!input) co_return fail(input.error());
  const auto runs = read_late_runs(*input);
  if (auto fine = input->end(); !fine) co_return fail(fine.error());
  const ReplayParts parts{.database = shared.database, .signals = *shared.parts.signals, .clock = shared.clock};
  const auto tried = co_await on_thread(own_thread(), [&] { return retry_letter(parts, *id, runs); });
  if (!tried) co_return fail(tried.error());
  Json answered = to_json(*tried);
  const auto left =
      co_await shared.database.read([id = *id](auto& connection) { return store::find_dead_letter(connection, id); });
  if (left && *left) answered["letter"] = store::to_json(**left);
  co_return ok(answered);
}

awaitable<Result<Response>> drop(Shared& shared, AdminCall call) {
  const auto id = path_id<DeadLetterId>(call.request);
  if (!id) co_return fail(id.error());
  const auto dropped = co_await shared.database.write(
      0, [id = *id](sql::Connection& connection) { return store::drop_letter(connection, id); });
  if (!dropped) co_return fail(dropped.error());
  if (!*dropped) co_return not_found();
  log::info("dead letter {} was dropped by {}", id->text(), call.by);
  co_return ok({{"ok", true}});
}

}  // namespace

void add_letter_routes(Router& router, Shared& shared, Side side) {
  add_entries(router, shared, side,
              std::initializer_list<AdminEntry>{
                  {"GET", "/dead-letters", list},
                  {"GET", "/dead-letters/{id}", show},
                  {"POST", "/dead-letters/{id}/retry", retry},
                  {"POST", "/dead-letters/{id}/drop", drop},
              });
}

}  // namespace waypost::api
