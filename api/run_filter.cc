#include "api/run_filter.h"

#include <string>

#include "api/answers.h"
#include "api/paging.h"
#include "store/run_counts.h"

namespace waypost::api {
namespace {

constexpr std::string_view kStatuses =
    "Expected 'queued' | 'running' | 'waiting' | 'completed' | 'failed' | 'cancelled'";

template <class IdType>
Result<std::optional<IdType>> read_id(const RequestHead& head, std::string_view name) {
  const auto text = head.query_value(name);
  if (!text) return std::nullopt;
  const auto id = IdType::parse(*text);
  if (!id) return invalid(std::string(name), "Invalid uuid");
  return id;
}

Result<std::optional<Time>> read_time(const RequestHead& head, std::string_view name) {
  const auto text = head.query_value(name);
  if (!text) return std::nullopt;
  const auto at = parse_iso8601(*text);
  if (!at) return invalid(std::string(name), "Expected a time like 2026-11-23T15:52:46Z");
  return at;
}

Result<std::optional<std::int64_t>> read_version(const RequestHead& head) {
  if (!head.query_value("version")) return std::nullopt;
  const auto number = read_number(head, "version", 0);
  if (!number) return fail(number.error());
  return *number;
}

Result<std::optional<std::string>> read_status(const RequestHead& head) {
  const auto text = head.query_value("status");
  if (!text || *text == "all") return std::nullopt;
  if (!store::is_run_status(*text)) return invalid("status", std::string(kStatuses));
  return std::string(*text);
}

}  // namespace

Result<store::RunFilter> read_run_filter(const RequestHead& head) {
  auto status = read_status(head);
  if (!status) return fail(std::move(status).error());
  const auto workflow = read_id<WorkflowId>(head, "workflowId");
  if (!workflow) return fail(workflow.error());
  const auto version = read_version(head);
  if (!version) return fail(version.error());
  const auto contact = read_id<ContactId>(head, "contactId");
  if (!contact) return fail(contact.error());
  const auto from = read_time(head, "from");
  if (!from) return fail(from.error());
  const auto to = read_time(head, "to");
  if (!to) return fail(to.error());
  return store::RunFilter{.status = *std::move(status),
                          .workflow = *workflow,
                          .version = *version,
                          .contact = *contact,
                          .from = *from,
                          .to = *to};
}

}  // namespace waypost::api
