#include "graph/media_hosts.h"

#include <algorithm>

#include "base/text.h"

namespace waypost {

bool may_see_token(const Url& url, const std::string& graph_base_url, const std::vector<std::string>& hosts) {
  const auto graph = parse_url(graph_base_url);
  const auto key = lower_ascii(url.origin.key());
  if (graph && lower_ascii(graph->origin.key()) == key) return true;
  if (!url.origin.tls || !url.origin.unix_path.empty()) return false;
  return std::ranges::any_of(hosts, [&](const std::string& host) {
    const auto listed = parse_url("https://" + host);
    return listed && lower_ascii(listed->origin.key()) == key;
  });
}

}  // namespace waypost
