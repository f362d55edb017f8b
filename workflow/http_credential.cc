#include "workflow/http_credential.h"

#include <algorithm>
#include <utility>

#include "base/crypto.h"
#include "base/text.h"
#include "net/http.h"

namespace waypost::workflow {
namespace {

std::string plain(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  return lower_ascii(host);
}

void set_header(HttpCall& call, const std::string& name, std::string value) {
  std::erase_if(call.headers, [&](const auto& header) { return lower_ascii(header.first) == lower_ascii(name); });
  call.headers.emplace_back(name, std::move(value));
}

void add_parameter(HttpCall& call, const HttpCredential& credential) {
  call.url += call.url.contains('?') ? "&" : "?";
  call.url += percent_encoded(credential.parameter) + "=" + percent_encoded(credential.secret.reveal());
}

}  // namespace

bool may_go_to(const HttpCredential& credential, const Origin& origin) {
  const auto host = plain(origin.host);
  const auto with_port = host + ":" + std::to_string(origin.port);
  return credential.hosts.empty() || std::ranges::any_of(credential.hosts, [&](const std::string& listed) {
           return plain(listed) == host || plain(listed) == with_port;
         });
}

HttpCall signed_call(HttpCall call, const HttpCredential& credential) {
  switch (credential.kind) {
    case store::CredentialKind::Bearer:
      set_header(call, "Authorization", "Bearer " + credential.secret.reveal());
      break;
    case store::CredentialKind::Basic:
      set_header(call, "Authorization", "Basic " + base64(credential.parameter + ":" + credential.secret.reveal()));
      break;
    case store::CredentialKind::Header:
      set_header(call, credential.parameter, credential.secret.reveal());
      break;
    case store::CredentialKind::Query:
      add_parameter(call, credential);
      break;
  }
  return call;
}

}  // namespace waypost::workflow
