#include "sandbox/send_request.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "base/text.h"
#include "sandbox/commerce_rules.h"
#include "sandbox/interactive_rules.h"
#include "sandbox/world.h"

namespace waypost::sandbox {
namespace {

constexpr std::size_t kTextCharacters = 4096;
constexpr std::size_t kCaptionCharacters = 1024;
constexpr std::size_t kCallbackCharacters = 512;
constexpr std::size_t kContactCards = 257;
constexpr std::size_t kShortestPhone = 7;
constexpr std::size_t kLongestPhone = 15;  // E.164

// ITU zones: country codes of one and of two digits; all others have three.
std::string country_code_of(std::string_view number) {
  static const std::set<std::string, std::less<>> two = {
      "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46",
      "47", "48", "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63",
      "64", "65", "66", "81", "82", "84", "86", "90", "91", "92", "93", "94", "95", "98"};
  if (number.starts_with('1') || number.starts_with('7')) return std::string(number.substr(0, 1));
  return std::string(number.substr(0, two.contains(number.substr(0, 2)) ? 2 : 3));
}

bool phone_characters(std::string_view text) {
  return std::ranges::all_of(text,
                             [](char c) { return (c >= '0' && c <= '9') || std::string_view("+-() ").contains(c); });
}

Judged<std::string> read_phone(std::string_view to, std::string_view business_number) {
  const auto text = trimmed(to);
  std::string digits = digits_of(text);
  if (!text.starts_with('+')) digits = country_code_of(business_number) + digits;
  if (!phone_characters(text) || digits.size() < kShortestPhone || digits.size() > kLongestPhone) {
    return refuse(131009, "to is not a phone number");
  }
  return digits;
}

Judged<void> read_address(SendRequest& send, const Json& body, std::string_view business_number) {
  if (const auto to = find_text(body, "to"); to && !to->empty()) {
    auto phone = read_phone(*to, business_number);
    if (!phone) return std::unexpected(phone.error());
    send.input = *to;
    send.address = *std::move(phone);
    if (send.address == business_number) return refuse(131021, "Recipient phone number cannot be sender phone number");
    return {};
  }
  send.input = send.address = text_or_empty(body, "recipient");
  send.to_user_id = true;
  if (send.input.empty()) return refuse(100, "The parameter to is required.");
  if (!is_user_id(send.input)) return refuse(131009, "recipient is not a user id");
  return {};
}

Judged<void> check_text(const Json& content) {
  const auto text = find_text(content, "body");
  if (!text || text->empty()) return refuse(131008, "Parameter 'text.body' is required.");
  if (count_characters(*text) > kTextCharacters) {
    return refuse(100, "Param text['body'] must be at most 4096 characters long.");
  }
  return {};
}

Judged<void> check_media(std::string_view type, const Json& content) {
  if (auto source = check_source(content, type); !source) return source;
  if (content.contains("caption") && (type == "audio" || type == "sticker")) {
    return refuse(131009, std::string(type) + " takes no caption");
  }
  if (count_characters(text_or_empty(content, "caption")) > kCaptionCharacters) {
    return refuse(131009, "caption must be at most 1024 characters long");
  }
  return {};
}

// Meta takes numbers and texts that are some.
bool within(const Json& value, double most) {
  if (!value.is_number() && !value.is_string()) return false;
  const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number >= -most && number <= most;
}

Judged<void> check_location(const Json& content) {
  if (!content.contains("latitude") || !content.contains("longitude")) {
    return refuse(131008, "location needs latitude and longitude");
  }
  if (!within(content["latitude"], 90) || !within(content["longitude"], 180)) {
    return refuse(131009, "location needs a latitude of -90 to 90 and a longitude of -180 to 180");
  }
  return {};
}

Judged<void> check_contacts(const Json& content) {
  if (content.empty() || content.size() > kContactCards) return refuse(131009, "contacts must hold 1 to 257 cards");
  for (const auto& card : content) {
    const auto* name = find_object(card, "name");
    if (!name || text_or_empty(*name, "formatted_name").empty()) {
      return refuse(131008, "contacts need name.formatted_name");
    }
  }
  return {};
}

Judged<void> check_reaction(const Json& content) {
  if (text_or_empty(content, "message_id").empty()) return refuse(131008, "reaction needs message_id");
  if (!find_text(content, "emoji")) return refuse(131008, "reaction needs emoji");
  return {};
}

// The words of a send; whether they fit the approved form: template_rules.h.
Judged<void> check_component(const Json& component) {
  constexpr auto kTypes =
      std::to_array<std::string_view>({"header", "body", "button", "limited_time_offer", "carousel"});
  constexpr auto kSubTypes = std::to_array<std::string_view>(
      {"quick_reply", "url", "copy_code", "catalog", "mpm", "flow", "voice_call", "order_details"});
  const auto type = lower_ascii(text_or_empty(component, "type"));
  if (std::ranges::find(kTypes, type) == kTypes.end()) return refuse(100, "Param type of a component is no such type");
  if (type != "button") return {};
  const auto sub_type = lower_ascii(text_or_empty(component, "sub_type"));
  if (std::ranges::find(kSubTypes, sub_type) == kSubTypes.end()) return refuse(100, "Param sub_type is no such type");
  if (!find_integer(component, "index")) return refuse(131008, "A button component needs index");
  return {};
}

Judged<void> check_template(const Json& content) {
  const auto* language = find_object(content, "language");
  if (text_or_empty(content, "name").empty()) return refuse(131008, "template needs name");
  if (!language || text_or_empty(*language, "code").empty()) return refuse(131008, "template needs language.code");
  const auto* components = find(content, "components");
  if (components && !components->is_array()) return refuse(100, "Param template['components'] must be an array.");
  for (const auto& component : components ? *components : Json::array()) {
    if (auto checked = check_component(component); !checked) return checked;
  }
  return {};
}

bool is_media(std::string_view type) {
  constexpr auto kMedia = std::to_array<std::string_view>({"image", "audio", "video", "document", "sticker"});
  return std::ranges::find(kMedia, type) != kMedia.end();
}

Judged<void> check_content(std::string_view type, const Json& content) {
  if (type == "text") return check_text(content);
  if (is_media(type)) return check_media(type, content);
  if (type == "location") return check_location(content);
  if (type == "contacts") return check_contacts(content);
  if (type == "reaction") return check_reaction(content);
  if (type == "interactive") return check_interactive(content);
  if (type == "template") return check_template(content);
  return refuse(100,
                "Param type must be one of {AUDIO, CONTACTS, DOCUMENT, IMAGE, INTERACTIVE, LOCATION, REACTION, "
                "STICKER, TEMPLATE, TEXT, VIDEO}.");
}

Judged<void> read_content(SendRequest& send, const Json& body) {
  send.type = lower_ascii(find_text(body, "type").value_or("text"));
  const auto* content = find(body, send.type);
  const bool shaped = content && (send.type == "contacts" ? content->is_array() : content->is_object());
  if (content && !shaped) return refuse(100, "Param " + send.type + " must be a JSON object.");
  send.content = shaped ? *content : Json::object();
  if (auto checked = check_content(send.type, send.content); !checked) return checked;
  send.text = shown_text(send.type, send.content);
  return {};
}

Judged<SendRequest> read_mark(const Json& body) {
  SendRequest mark{.marked_wamid = text_or_empty(body, "message_id"),
                   .typing = find(body, "typing_indicator") != nullptr};
  if (text_or_empty(body, "status") != "read") return refuse(131009, "status must be read");
  if (mark.marked_wamid.empty()) return refuse(131008, "message_id is required");
  return mark;
}

}  // namespace

Judged<SendRequest> read_send(const Json& body, std::string_view business_number) {
  if (text_or_empty(body, "messaging_product") != "whatsapp") {
    return refuse(100, "The parameter messaging_product is required.");
  }
  if (find(body, "status")) return read_mark(body);
  if (find_text(body, "recipient_type").value_or("individual") != "individual") {
    return refuse(100, "recipient_type must be individual: groups are not simulated");
  }
  SendRequest send;
  if (auto read = read_address(send, body, business_number); !read) return std::unexpected(read.error());
  send.callback_data = text_or_empty(body, "biz_opaque_callback_data");
  if (count_characters(send.callback_data) > kCallbackCharacters) {
    return refuse(100, "Param biz_opaque_callback_data must be at most 512 characters long.");
  }
  if (const auto* context = find_object(body, "context")) send.reply_to = text_or_empty(*context, "message_id");
  if (auto read = read_content(send, body); !read) return std::unexpected(read.error());
  return send;
}

std::string shown_text(std::string_view type, const Json& content) {
  if (type == "text") return text_or_empty(content, "body");
  if (type == "reaction") return text_or_empty(content, "emoji");
  if (type == "button") return text_or_empty(content, "text");
  if (is_media(type)) return text_or_empty(content, "caption");
  if (type == "location") return text_or_empty(content, "name");
  if (type != "interactive") return {};
  for (const auto* reply : {"button_reply", "list_reply"}) {
    if (const auto* chosen = find_object(content, reply)) return text_or_empty(*chosen, "title");
  }
  const auto* body = find_object(content, "body");
  return body ? text_or_empty(*body, "text") : std::string();
}

}  // namespace waypost::sandbox
