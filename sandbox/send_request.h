// SendRequest: the body of POST …/messages, read and checked as Meta checks it before it accepts. Pure; any thread.

#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "sandbox/graph_error.h"

namespace waypost::sandbox {

struct SendRequest {
  std::string marked_wamid{};  // not empty: this marks a message as read and sends nothing
  bool typing = false;         // with it: shows "typing…"

  std::string input{};      // `to` or `recipient` as sent
  std::string address{};    // digits, or a BSUID
  bool to_user_id = false;  // sent to a BSUID
  std::string type{};
  std::string text{};  // what the customer reads of it; a template's is filled in later
  Json content{};      // the member named by `type`
  std::string callback_data{};
  std::string reply_to{};
};

// `business_number` in digits: a `to` without "+" gets its country code in front, as Meta does it.
Judged<SendRequest> read_send(const Json& body, std::string_view business_number);

// What a content shows as text: body, caption, emoji, name.
std::string shown_text(std::string_view type, const Json& content);

}  // namespace waypost::sandbox
