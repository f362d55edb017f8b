#include "store/filter_sql.h"

#include "sql/json_rows.h"

namespace waypost::store {
namespace {

using enum FilterOperator;

// `op` of the text `what`, which is not null.
std::string text_condition(BoundText& bound, const std::string& what, const FilterCondition& condition) {
  const auto value = condition.op == In ? std::string() : bound.bind_text(condition.texts.front());
  switch (condition.op) {
    case Contains:
      return "replace(" + what + ", " + value + ", '') <> " + what;
    case StartsWith:
      return "substr(" + what + ", 1, length(" + value + ")) = " + value;
    case EndsWith:
      return "(length(" + what + ") >= length(" + value + ") AND substr(" + what + ", length(" + what + ") - length(" +
             value + ") + 1) = " + value + ")";
    case In: {
      std::string list;
      for (const auto& text : condition.texts) list += (list.empty() ? "" : ", ") + bound.bind_text(text);
      return what + " IN (" + list + ")";
    }
    case Equals:
    case NotEquals:
    case NotContains:
    case Exists:
    case NotExists:
    case After:
    case Before:
      return what + " = " + value;
  }
}

std::string column_condition(BoundText& bound, const std::string& column, const FilterCondition& condition) {
  if (condition.op == Exists) return "(" + column + " IS NOT NULL)";
  if (condition.op == NotExists) return "(" + column + " IS NULL)";
  if (condition.op == NotEquals)
    return "(" + column + " IS NULL OR " + column + " <> " + bound.bind_text(condition.texts.front()) + ")";
  return "(" + column + " IS NOT NULL AND " + text_condition(bound, column, condition) + ")";
}

std::string tags_condition(BoundText& bound, FilterCondition condition) {
  const auto from = "SELECT 1 FROM " + sql::json_texts(bound.engine(), "contact.tags") + " AS tag";
  if (condition.op == Exists) return "EXISTS (" + from + ")";
  if (condition.op == NotExists) return "NOT EXISTS (" + from + ")";
  const std::string negation = condition.op == NotContains ? "NOT " : "";
  if (condition.op != In) condition.op = Equals;
  return negation + "EXISTS (" + from + " WHERE " + text_condition(bound, "tag.value", condition) + ")";
}

std::string custom_condition(BoundText& bound, FilterCondition condition) {
  const auto from = "SELECT 1 FROM " + sql::json_members(bound.engine(), "contact.fields") +
                    " AS field WHERE field.key = " + bound.bind_text(condition.key) + " AND field.value IS NOT NULL";
  if (condition.op == Exists) return "EXISTS (" + from + ")";
  if (condition.op == NotExists) return "NOT EXISTS (" + from + ")";
  const std::string negation = condition.op == NotEquals ? "NOT " : "";
  if (condition.op == NotEquals) condition.op = Equals;
  return negation + "EXISTS (" + from + " AND " + text_condition(bound, "field.value", condition) + ")";
}

std::string last_inbound_condition(BoundText& bound, const FilterCondition& condition) {
  const std::string from =
      "SELECT 1 FROM conversation AS seen WHERE seen.tenant_id = contact.tenant_id AND seen.contact_id = contact.id "
      "AND seen.merged_into IS NULL AND seen.last_inbound_at IS NOT NULL";
  if (condition.op == NotExists) return "NOT EXISTS (" + from + ")";
  if (condition.op == Exists) return "EXISTS (" + from + ")";
  const auto after = "EXISTS (" + from + " AND seen.last_inbound_at > " + bound.bind(condition.at) + ")";
  // The last of all conversations was before.
  return condition.op == After ? after : "(EXISTS (" + from + ") AND NOT " + after + ")";
}

std::string one_condition(BoundText& bound, const FilterCondition& condition) {
  switch (condition.field) {
    case FilterField::Tags:
      return tags_condition(bound, condition);
    case FilterField::Name:
      return column_condition(bound, "COALESCE(contact.name, contact.book_name, contact.profile_name)", condition);
    case FilterField::Phone:
      return column_condition(bound, "contact.phone", condition);
    case FilterField::Language:
      return column_condition(bound, "contact.language", condition);
    case FilterField::Custom:
      return custom_condition(bound, condition);
    case FilterField::OptedOut:
      return condition.truth ? "contact.opted_out" : "NOT contact.opted_out";
    case FilterField::CreatedAt:
      return "contact.created_at " + std::string(condition.op == After ? "> " : "< ") + bound.bind(condition.at);
    case FilterField::LastInboundAt:
      return last_inbound_condition(bound, condition);
  }
}

}  // namespace

std::string condition_of(BoundText& bound, const ContactFilter& filter) {
  const bool all = filter.logic == FilterLogic::All;
  std::string text;
  for (const auto& condition : filter.conditions)
    text += (text.empty() ? "" : all ? " AND " : " OR ") + one_condition(bound, condition);
  if (text.empty()) text = all ? "1 = 1" : "1 = 0";
  return "(" + text + ")";
}

}  // namespace waypost::store
