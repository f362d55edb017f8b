#include "store/run_list.h"

#include <span>

#include "store/counters.h"
#include "store/run_counts.h"
#include "store/run_row.h"

namespace waypost::store {
namespace {

// The conditions of a statement, and what their parameters stand for. Borrows the filter.
class Conditions {
 public:
  Conditions(TenantId tenant, const RunFilter& filter) {
    text_ = "WHERE run.tenant_id = " + parameter(tenant);
    if (filter.status) add("run.status = ", *filter.status);
    if (filter.workflow) add("run.workflow_id = ", *filter.workflow);
    if (filter.version) add("run.workflow_version = ", *filter.version);
    if (filter.contact) add("run.contact_id = ", *filter.contact);
    if (filter.from) add("run.created_at >= ", *filter.from);
    if (filter.to) add("run.created_at < ", *filter.to);
  }
  // "$3", and what it stands for.
  std::string parameter(const sql::Value& value) {
    values_.push_back(value);
    return "$" + std::to_string(values_.size());
  }
  const std::string& text() const { return text_; }
  std::span<const sql::Value> values() const { return values_; }

 private:
  void add(std::string_view condition, const sql::Value& value) {
    text_ += " AND ";
    text_ += condition;
    text_ += parameter(value);
  }

  std::string text_;
  std::vector<sql::Value> values_;
};

std::int64_t counted(sql::Connection& connection, TenantId tenant, const RunFilter& filter, std::int64_t most) {
  Conditions conditions(tenant, filter);
  const auto limit = conditions.parameter(most);
  const std::string text =
      "SELECT count(*) FROM (SELECT 1 AS one FROM run " + conditions.text() + " LIMIT " + limit + ") AS counted";
  return connection.run(text, conditions.values()).front().number(0);
}

}  // namespace

// One text for each set of conditions that is asked with: a lane prepares it once.
std::vector<Run> list_runs(sql::Connection& connection, TenantId tenant, const RunFilter& filter, const Page& page) {
  Conditions conditions(tenant, filter);
  const auto limit = conditions.parameter(page.limit);
  const auto offset = conditions.parameter(page.offset);
  const std::string text = select_runs() + conditions.text() + " ORDER BY run.created_at DESC, run.id DESC LIMIT " +
                           limit + " OFFSET " + offset;
  return read_runs(connection.run(text, conditions.values()));
}

RunTotal total_of_runs(sql::Connection& connection, TenantId tenant, const RunFilter& filter, std::int64_t most) {
  if (filter == RunFilter{}) return {.runs = total(connection, tenant, "runs")};
  const bool by_counter =
      filter.status && is_final_run_status(*filter.status) && filter == RunFilter{.status = filter.status};
  if (by_counter) return {.runs = count_runs_of(connection, tenant, *filter.status, most)};
  const auto runs = counted(connection, tenant, filter, most);
  return {.runs = runs, .is_at_least = runs == most};
}

}  // namespace waypost::store
