#include "workflow/exchange.h"

#include <optional>
#include <utility>
#include <vector>

#include "base/text.h"
#include "workflow/catalogue.h"
#include "workflow/graph.h"

namespace waypost::workflow {
namespace {

using Faults = std::vector<FieldError>;

// draft_faults() names the member of another body.
void add_graph_faults(Faults& faults, const Json& file) {
  constexpr std::string_view kDraft = "draftGraph";
  const auto graph = file.find("graph");
  if (graph == file.end()) return faults.push_back({"graph", "Required"});
  for (auto& fault : draft_faults(*graph)) {
    faults.push_back({"graph" + fault.path.substr(kDraft.size()), std::move(fault.message)});
  }
}

bool is_priority(const Json& json) {
  return json.is_number_integer() && json >= -kMostPriority && json <= kMostPriority;
}

Faults faults_of(const Json& file) {
  Faults faults;
  if (file.value("waypost", Json()) != kExchangeKind) faults.push_back({"waypost", "Expected 'workflow'"});
  if (file.value("version", Json()) != kExchangeVersion)
    faults.push_back({"version", "Expected 1: another release wrote this"});
  if (!file.value("name", Json()).is_string()) faults.push_back({"name", "Required"});
  if (const auto priority = file.find("priority"); priority != file.end() && !is_priority(*priority))
    faults.push_back({"priority", "Expected a whole number between -1000000 and 1000000"});
  add_graph_faults(faults, file);
  return faults;
}

}  // namespace

Json exported(const store::Workflow& workflow) {
  return {{"waypost", kExchangeKind},
          {"version", kExchangeVersion},
          {"name", workflow.name},
          {"priority", workflow.priority},
          {"graph", workflow.draft}};
}

Result<store::Workflow> import_workflow(sql::Connection& connection, TenantId tenant, const Json& file, Time now) {
  auto faults = faults_of(file);
  if (!faults.empty()) return fail(Error(ErrorKind::InvalidInput, "Validation failed").with_fields(std::move(faults)));
  const auto& name = file.at("name").get_ref<const std::string&>();
  if (auto checked = check_name(name); !checked) return fail(std::move(checked).error());
  return store::insert_workflow(connection,
                                {.tenant = tenant,
                                 .name = std::string(trimmed(name)),
                                 .draft = file.at("graph"),
                                 .priority = file.value("priority", std::int64_t{0})},
                                now);
}

}  // namespace waypost::workflow
