#include "daemon/sweep_sources.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "store/due.h"

namespace waypost {
namespace {

constexpr std::size_t kPageRows = 500;

// The lists, one behind the other; a cursor is "<stage>:<due_at>:<id>".
using ReadPage = store::DuePage (*)(sql::Connection&, const store::DueCursor&, Time, std::size_t);
struct Stage {
  ReadPage read;
  QueueName queue;
};
constexpr std::array<Stage, 4> kStages{{{store::due_triggers, QueueName::Runs},
                                        {store::due_runs, QueueName::Runs},
                                        {store::due_sends, QueueName::Sends},
                                        {store::due_media, QueueName::Media}}};

struct Place {
  std::size_t stage = 0;
  store::DueCursor cursor{};
};

std::string text_of(const Place& place) {
  return fmt::format("{}:{}:{}", place.stage, place.cursor.due_at, place.cursor.id.text());
}

Place place_of(std::string_view text) {
  Place place;
  const auto first = text.find(':');
  const auto second = text.find(':', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return place;
  std::from_chars(text.data(), text.data() + first, place.stage);
  std::from_chars(text.data() + first + 1, text.data() + second, place.cursor.due_at);
  place.cursor.id = Uuid::parse(text.substr(second + 1)).value_or(Uuid{});
  return place;
}

// Triggers have no due time: they were due when they were written.
Place first_place(const DueSpan& span) {
  if (span.from == Time::min()) return {};
  return {.stage = 1, .cursor = {.due_at = to_millis(span.from)}};
}

std::optional<Place> place_behind(const Place& place, const store::DuePage& page, const DueSpan& span) {
  if (page.next) return Place{.stage = place.stage, .cursor = *page.next};
  if (place.stage + 1 < kStages.size()) return Place{.stage = place.stage + 1, .cursor = first_place(span).cursor};
  return std::nullopt;
}

SweepPage swept(const Place& place, const store::DuePage& page, const DueSpan& span, Time now) {
  SweepPage out;
  for (const auto& due : page.due) {
    out.signals.push_back({.queue = kStages.at(place.stage).queue,
                           .key = {.owner = due.tenant,
                                   .key = due.conversation,
                                   .stream = due.stream == "bulk" ? Stream::Bulk : Stream::Reply,
                                   .channel = due.channel},
                           .due = due.due_at > now ? std::optional(due.due_at) : std::nullopt});
  }
  if (const auto next = place_behind(place, page, span)) out.next = text_of(*next);
  return out;
}

awaitable<Result<SweepPage>> read_page(sql::Database& database, DueSpan span, std::string cursor, Time now) {
  const Place place = cursor.empty() ? first_place(span) : place_of(cursor);
  const auto page = co_await database.read([place, until = span.until](sql::Connection& connection) {
    return kStages.at(place.stage).read(connection, place.cursor, until, kPageRows);
  });
  if (!page) co_return fail(page.error());
  co_return swept(place, *page, span, now);
}

}  // namespace

SweepSource sweep_source(sql::Database& database, const Clock& clock) {
  return [&database, &clock](DueSpan span, std::string cursor) {
    return read_page(database, span, std::move(cursor), clock.now());
  };
}

}  // namespace waypost
