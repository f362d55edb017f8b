#include "workflow/http_redirect.h"

#include <utility>

#include "base/text.h"
#include "net/url.h"
#include "workflow/http_redaction.h"

namespace waypost::workflow {
namespace {

bool keeps_method(int status) { return status == 307 || status == 308; }

void become_get(HttpCall& call) {
  if (call.method != "HEAD") call.method = "GET";
  call.body.clear();
  std::erase_if(call.headers, [](const auto& header) { return lower_ascii(header.first).starts_with("content-"); });
}

void drop_secrets(HttpCall& call) {
  call.credential.reset();
  std::erase_if(call.headers, [](const auto& header) { return names_secret(header.first); });
}

}  // namespace

bool is_redirect(const Response& answer) {
  const bool says = answer.status == 301 || answer.status == 302 || answer.status == 303;
  return (says || keeps_method(answer.status)) && answer.headers.find("Location").has_value();
}

Result<HttpCall> redirected(const HttpCall& asked, const Response& answer) {
  const auto location = answer.headers.find("Location").value_or("");
  auto url = resolved_url(asked.url, location);
  if (!url) return fail(std::move(url).error());
  url->resize(std::min(url->find('#'), url->size()));
  const auto to = parse_url(*url);
  if (!to) return fail(to.error());
  const auto from = parse_url(asked.url);
  if (!from || !to->origin.unix_path.empty()) return fail(ErrorKind::InvalidInput, "http or https is expected");
  HttpCall next = asked;
  next.url = *std::move(url);
  if (!keeps_method(answer.status)) become_get(next);
  if (to->origin.key() != from->origin.key()) drop_secrets(next);
  return next;
}

}  // namespace waypost::workflow
