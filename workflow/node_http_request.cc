// tool.http_request: asks a server outside. Two outputs, "out" and "failed"; later nodes read {{response.status}},
// {{response.headers.…}} and {{response.body.…}}.

#include <algorithm>

#include "base/text.h"
#include "net/url.h"
#include "workflow/http_redaction.h"
#include "workflow/http_request.h"
#include "workflow/node_family.h"

namespace waypost::workflow {
namespace {

constexpr std::int64_t kTimeout = 10'000;  // ms
constexpr std::int64_t kLongestTimeout = 60'000;
constexpr std::int64_t kMostRetries = 5;
constexpr std::size_t kStepBody = 16 << 10;
constexpr std::size_t kVariableBody = 64 << 10;

Json member(std::string_view type, std::string_view title, std::string_view description) {
  return {{"type", type}, {"title", title}, {"description", description}};
}
Json whole(std::string_view title, std::string_view description, std::pair<std::int64_t, std::int64_t> bounds) {
  auto json = member("integer", title, description);
  json["minimum"] = bounds.first;
  json["maximum"] = bounds.second;
  return json;
}
Json with_default(Json json, Json value) {
  json["default"] = std::move(value);
  return json;
}
Json by_name(std::string_view title, std::string_view description) {
  auto json = member("object", title, description);
  json["additionalProperties"] = {{"type", {"string", "number", "boolean", "array", "null"}}};
  json["maxProperties"] = kHttpHeaders;
  return json;
}

Json body_schema() {
  return {{"type", {"string", "object", "array", "number", "boolean", "null"}},
          {"title", "Body"},
          {"description",
           "A text with variables, or JSON, which is sent as JSON (as a form where the header Content-Type says "
           "application/x-www-form-urlencoded). An expression that stands alone keeps its value's type. Not with GET "
           "and HEAD."}};
}

Json properties() {
  auto method = member("string", "Method", "How the server is asked.");
  method["enum"] = kHttpMethods;
  auto url = member("string", "URL",
                    "https:// or http://. Variables behind the host are percent-encoded; a URL may also begin with one "
                    "that holds a whole address.");
  auto credential = member("string", "Credential", "The id of a credential of the workspace, which is signed in with.");
  credential["format"] = "uuid";
  return {{"method", with_default(std::move(method), "GET")},
          {"url", std::move(url)},
          {"query", by_name("Query", "Parameters behind the URL, encoded; a list repeats its parameter.")},
          {"headers", by_name("Headers", "Sent with the request; values may hold variables.")},
          {"body", body_schema()},
          {"credentialId", std::move(credential)},
          {"timeout", with_default(whole("Timeout", "Milliseconds for one try.", {100, kLongestTimeout}), kTimeout)},
          {"retries", whole("Retries",
                            "Further tries after a 429, a 5xx or no answer; when not given 2 for GET and HEAD, else "
                            "none. A POST or PATCH that the server may have acted on is not repeated.",
                            {0, kMostRetries})},
          {"failOnStatus",
           with_default(member("boolean", "Fail on status", "A status from 400 on leaves by “failed”."), true)}};
}

Json schema() {
  return {
      {"$schema", "https://json-schema.org/draft/2020-12/schema"},
      {"type", "object"},
      {"properties", properties()},
      {"required", {"url"}},
      {"x-order", {"method", "url", "query", "headers", "body", "credentialId", "timeout", "retries", "failOnStatus"}}};
}

using Faults = std::vector<FieldError>;

// What is no fault: absent, or null.
const Json* given(const Json& config, std::string_view key) {
  const Json* value = find(config, key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

void check_method(Faults& faults, const Json& config) {
  const Json* method = given(config, "method");
  if (method == nullptr) return;
  const auto known =
      method->is_string() && std::ranges::find(kHttpMethods, method->get<std::string>()) != kHttpMethods.end();
  if (!known) faults.push_back({"method", "must be GET, POST, PUT, PATCH, DELETE or HEAD"});
}

void check_url(Faults& faults, const Json& config) {
  const auto url = std::string(trimmed(text_or_empty(config, "url")));
  if (url.empty()) {
    faults.push_back({"url", "is required"});
  } else if (!url.starts_with("https://") && !url.starts_with("http://") && !url.starts_with("{{")) {
    faults.push_back({"url", "must begin with https:// or http://"});
  } else if (url.substr(0, url.find_first_of("/?#", url.find("://") + 3)).contains('@')) {
    faults.push_back({"url", "must hold no user name: use a credential"});
  } else if (url.size() > kHttpUrlBytes) {
    faults.push_back({"url", "must have at most 8 KiB"});
  }
}

void check_values(Faults& faults, const Json& config, const std::string& key) {
  const Json* members = given(config, key);
  if (members == nullptr) return;
  if (!members->is_object() || members->size() > kHttpHeaders) {
    faults.push_back({key, "must be an object with at most 50 members"});
    return;
  }
  for (const auto& [name, value] : members->items()) {
    if (value.is_object()) faults.push_back({key + "." + name, "must be a text, a number, true, false or a list"});
    if (key == "headers" && !is_http_header(name))
      faults.push_back({key + "." + name, "is no header that a request may set"});
  }
}

void check_body(Faults& faults, const Json& config) {
  const Json* body = given(config, "body");
  const auto method = find_text(config, "method").value_or("GET");
  if (body == nullptr || *body == "" || takes_body(method)) return;
  faults.push_back({"body", "goes with POST, PUT, PATCH and DELETE only"});
}

void check_whole(Faults& faults, const Json& config, const char* key, std::pair<std::int64_t, std::int64_t> bounds) {
  const Json* value = given(config, key);
  if (value == nullptr) return;
  if (!value->is_number_integer() || *value < bounds.first || *value > bounds.second)
    faults.push_back(
        {key, "must be a whole number from " + std::to_string(bounds.first) + " to " + std::to_string(bounds.second)});
}

std::vector<FieldError> faults(const Json& config) {
  Faults faults;
  check_method(faults, config);
  check_url(faults, config);
  check_values(faults, config, "query");
  check_values(faults, config, "headers");
  check_body(faults, config);
  check_whole(faults, config, "timeout", {100, kLongestTimeout});
  check_whole(faults, config, "retries", {0, kMostRetries});
  const Json* credential = given(config, "credentialId");
  if (credential != nullptr && !CredentialId::parse(text_or_empty(config, "credentialId")))
    faults.push_back({"credentialId", "must be a credential's id"});
  const Json* fail_on_status = given(config, "failOnStatus");
  if (fail_on_status != nullptr && !fail_on_status->is_boolean())
    faults.push_back({"failOnStatus", "must be true or false"});
  return faults;
}

std::vector<std::string> handles(const Json&) { return {std::string(kOut), std::string(kFailed)}; }

int attempts_of(const Json& config, const HttpCall& call) {
  const auto usual = call.method == "GET" || call.method == "HEAD" ? 2 : 0;
  return static_cast<int>(std::clamp<std::int64_t>(find_integer(config, "retries").value_or(usual), 0, kMostRetries)) +
         1;
}

std::chrono::milliseconds timeout_of(const Json& config) {
  const auto given_ms = find_integer(config, "timeout").value_or(kTimeout);
  return std::chrono::milliseconds(std::clamp<std::int64_t>(given_ms, 100, kLongestTimeout));
}

void put_body(Json& into, const Json& body, std::size_t most) {
  auto kept = kept_body(body, most);
  into["body"] = std::move(kept.body);
  if (kept.is_cut) into["bodyCut"] = true;
}

Json input_of(const HttpCall& call) {
  Json input{{"method", call.method}, {"url", redacted_url(call.url)}, {"headers", redacted_headers(call.headers)}};
  put_body(input, call.body.empty() ? Json() : redacted_body(call.body), kStepBody);
  if (call.credential) input["credentialId"] = call.credential->text();
  return input;
}

Plan failed(Plan plan, store::Complaint why) {
  plan.failure = std::move(why);
  plan.handle = std::string(kFailed);
  return plan;
}

Plan asking(const Visit& visit) {
  Plan plan;
  auto call = http_call_of(plan, visit.config, visit.scope);
  if (!call) {
    plan.input = {{"method", text_or_empty(visit.config, "method")},
                  {"url", redacted_url(text_or_empty(visit.config, "url"))}};
    return failed(std::move(plan), std::move(call).error());
  }
  plan.input = input_of(*call);
  plan.memo = {{"input", plan.input}};
  const auto attempts = attempts_of(visit.config, *call);
  plan.call = OutsideCall{.ask = *std::move(call), .timeout = timeout_of(visit.config), .attempts = attempts};
  return plan;
}

// A body that was cut is text, whatever it was.
void put_answer(Plan& plan, const Json& value) {
  const Json* headers = find_object(value, "headers");
  const Json* body = find(value, "body");
  const Json kept = body != nullptr ? *body : Json();
  Json response{{"status", find_integer(value, "status").value_or(0)},
                {"headers", headers != nullptr ? *headers : Json::object()}};
  plan.output = response;
  plan.output["headers"] = redacted_header_object(response["headers"]);
  put_body(plan.output, kept, kStepBody);
  put_body(response, kept, kVariableBody);
  plan.variables = {{"response", std::move(response)}};
}

Plan answered(const Visit& visit, const CallAnswer& answer) {
  Plan plan{.handle = std::string(kOut)};
  if (const Json* input = find_object(visit.memo, "input")) plan.input = *input;
  if (answer.failure) {
    // What an earlier request was answered is not this one's.
    plan.variables = {{"response", {{"status", nullptr}, {"headers", Json::object()}, {"body", nullptr}}}};
    return failed(std::move(plan), *answer.failure);
  }
  put_answer(plan, answer.value);
  const auto status = plan.output["status"].get<std::int64_t>();
  if (status < 400 || !find_bool(visit.config, "failOnStatus").value_or(true)) return plan;
  return failed(std::move(plan), {.code = "http_status", .words = "the server answered " + std::to_string(status)});
}

Plan plan(const Visit& visit) {
  const auto* answer = std::get_if<CallAnswer>(&visit.cause);
  return answer != nullptr ? answered(visit, *answer) : asking(visit);
}

}  // namespace

const NodeFamily& http_request_node() {
  static constexpr NodeFamily kFamily{.type = "tool.http_request",
                                      .label = "HTTP request",
                                      .says = "Asks a server outside, and goes on with its answer.",
                                      .kind = NodeKind::Tool,
                                      .schema = schema,
                                      .faults = faults,
                                      .handles = handles,
                                      .plan = plan};
  return kFamily;
}

}  // namespace waypost::workflow
