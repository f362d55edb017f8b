// tool.http_request: asks a server outside. Two outputs, "out" and "failed"; later nodes read {{response.status}},
// {{response.headers.…}} and {{response.body.…}}.

#include <algorithm>

#include "base/text.h"
#include "net/url.h"
#include "workflow/config_checks.h"
#include "workflow/config_schema.h"
#include "workflow/http_redaction.h"
#include "workflow/http_request.h"
#include "workflow/node_family.h"

namespace waypost::workflow {
namespace {

constexpr std::int64_t kTimeout = 10'000;  // ms
constexpr schema_of::Between kTimeouts{.least = 100, .most = 60'000};
constexpr std::int64_t kMostRetries = 5;
constexpr std::size_t kStepBody = 16 << 10;
constexpr std::size_t kVariableBody = 64 << 10;

Json by_name(std::string_view title, std::string_view description) {
  auto json = schema_of::map(title, description, {{"type", {"string", "number", "boolean", "array", "null"}}});
  json["maxProperties"] = kHttpHeaders;
  return json;
}

Json schema() {
  using namespace schema_of;  // NOLINT(google-build-using-namespace): its words
  return config(
      {{"method", with_default(choice("Method", "How the server is asked.", kHttpMethods), "GET")},
       {"url", text("URL",
                    "https:// or http://. Variables behind the host are percent-encoded; a URL may also begin with one "
                    "that holds a whole address.")},
       {"query", by_name("Query", "Parameters behind the URL, encoded; a list repeats its parameter.")},
       {"headers", by_name("Headers", "Sent with the request; values may hold variables.")},
       {"body", anything("Body",
                         "A text with variables, or JSON, which is sent as JSON (as a form where the header "
                         "Content-Type says application/x-www-form-urlencoded). An expression that stands alone keeps "
                         "its value's type. Not with GET and HEAD.")},
       {"credentialId", text("Credential", "The id of a credential of the workspace, which is signed in with.")},
       {"timeout", with_default(whole("Timeout", "Milliseconds for one try.", kTimeouts), kTimeout)},
       {"retries", whole("Retries",
                         "Further tries after a 429, a 5xx or no answer; when not given 2 for GET and HEAD, else none. "
                         "A POST or PATCH that the server may have acted on is not repeated.",
                         {.least = 0, .most = kMostRetries})},
       {"failOnStatus", with_default(flag("Fail on status", "A status from 400 on leaves by “failed”."), true)}},
      {"url"});
}

using Faults = std::vector<FieldError>;

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

std::vector<FieldError> faults(const Json& config) {
  Faults faults;
  check_word(faults, config, "method", kHttpMethods);
  check_url(faults, config);
  check_values(faults, config, "query");
  check_values(faults, config, "headers");
  check_body(faults, config);
  check_whole(faults, config, "timeout", {.least = kTimeouts.least, .most = kTimeouts.most});
  check_whole(faults, config, "retries", {.least = 0, .most = kMostRetries});
  check_flag(faults, config, "failOnStatus");
  const Json* credential = given(config, "credentialId");
  if (credential != nullptr && !CredentialId::parse(text_or_empty(config, "credentialId")))
    faults.push_back({"credentialId", "must be a credential's id"});
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
  return std::chrono::milliseconds(std::clamp(given_ms, kTimeouts.least, kTimeouts.most));
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
