// One page of GET /{account}/message_templates, read. Pure; any thread.

#pragma once

#include <expected>

#include "graph/client.h"

namespace waypost {

// What is no object in the list is left out. Errors as GraphClient::list_templates says.
Result<TemplatePage> read_template_page(const std::expected<Response, ExchangeFailure>& exchange);

}  // namespace waypost
