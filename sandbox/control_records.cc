// The endpoints of ControlApi that show what happened.

#include <algorithm>
#include <utility>

#include "sandbox/control_api.h"
#include "sandbox/records.h"

namespace waypost::sandbox {
namespace {

struct Rows {
  std::string_view name;  // of the list in the answer
  std::size_t count = 0;
};

// {"<name>": [row(after) …], "last": the place of the last one shown}.
template <class Row>
Result<Json> list(const Request& request, Rows rows, Row row) {
  const auto range = range_of(request);
  if (!range) return fail(range.error());
  const auto begin = std::min(range->after, rows.count);
  const auto end = begin + std::min(range->limit, rows.count - begin);
  Json shown = Json::array();
  for (auto place = begin; place < end; ++place) shown.push_back(row(place));
  return Json{{std::string(rows.name), std::move(shown)}, {"last", end}, {"total", rows.count}};
}

}  // namespace

Result<Json> ControlApi::bubbles(const Request& request, const Json&) {
  return list(request, {"bubbles", world_.bubbles.size()},
              [this](std::size_t place) { return record_of(world_, world_.outbound[world_.bubbles[place]]); });
}

Result<Json> ControlApi::sends(const Request& request, const Json&) {
  return list(request, {"sends", world_.outbound.size()},
              [this](std::size_t place) { return record_of(world_, world_.outbound[place]); });
}

Result<Json> ControlApi::inbound(const Request& request, const Json&) {
  return list(request, {"inbound", world_.inbound.size()},
              [this](std::size_t place) { return record_of(world_, world_.inbound[place]); });
}

Result<Json> ControlApi::uploads(const Request&, const Json&) {
  Json files = Json::array();
  for (const auto& file : world_.media) {
    if (file.uploaded) files.push_back(record_of(world_, file));
  }
  Json samples = Json::array();
  for (const auto& sample : world_.samples) samples.push_back(record_of(sample));
  return Json{{"uploads", std::move(files)}, {"samples", std::move(samples)}};
}

Result<Json> ControlApi::seen(const Request& request, const Json&) {
  const auto range = range_of(request);
  if (!range) return fail(range.error());
  Json shown = Json::array();
  for (const auto& one : world_.seen) {
    if (one.number > range->after && shown.size() < range->limit) shown.push_back(record_of(one));
  }
  return Json{{"requests", std::move(shown)}, {"total", world_.requests}};
}

Result<Json> ControlApi::stats(const Request&, const Json&) { return stats_of(world_, parts_.webhooks.counts()); }

}  // namespace waypost::sandbox
