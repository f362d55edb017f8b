// interactive: the frame (header, body, footer) as each type has it; the action is the type's own.

#include <algorithm>
#include <array>

#include "conversation/content_rules.h"
#include "conversation/interactive_rules.h"
#include "conversation/send_content.h"

namespace waypost {
namespace {

constexpr std::size_t kFrameCharacters = 60;  // of a footer, and of a header's text

enum class Body { Needed, Optional };
enum class Head { Any, Text, NeededText, None };

struct Shape {
  std::string_view type{};
  void (*check_action)(const Part&) = nullptr;
  std::size_t body_characters = kCaptionCharacters;
  Body body = Body::Needed;
  Head head = Head::Any;
  bool has_footer = true;
};
// Meta's page of each type. Where a page is silent about header and footer they may be there.
constexpr std::array<Shape, 15> kShapes{{
    {.type = "button", .check_action = check_reply_buttons},
    {.type = "list", .check_action = check_list, .body_characters = kTextCharacters, .head = Head::Text},
    {.type = "cta_url", .check_action = check_cta_url},
    {.type = "location_request_message", .check_action = check_location_request},
    {.type = "flow", .check_action = check_flow},
    {.type = "product", .check_action = check_product, .body = Body::Optional, .head = Head::None},
    {.type = "product_list", .check_action = check_product_list, .head = Head::NeededText},
    {.type = "catalog_message", .check_action = check_catalog},
    {.type = "carousel", .check_action = check_carousel, .head = Head::None, .has_footer = false},
    {.type = "address_message", .check_action = check_address_request},
    {.type = "voice_call", .check_action = check_voice_call},
    {.type = "call_permission_request", .check_action = check_call_permission, .body = Body::Optional},
    {.type = "request_contact_info", .check_action = check_contact_request},
    {.type = "order_details", .check_action = check_order_details},
    {.type = "order_status", .check_action = check_order_status},
}};

void check_head(const Part& interactive, Head head) {
  if (head == Head::None) return interactive.none("header", "this type takes no header");
  const auto header = head == Head::NeededText ? interactive.object("header") : interactive.maybe_object("header");
  if (!header) return;
  if (head == Head::Any) {
    check_header(*header, {"text", "image", "video", "document"});
  } else {
    check_header(*header, {"text"});
  }
}

void check_body(const Part& interactive, const Shape& shape) {
  const auto body = shape.body == Body::Needed ? interactive.object("body") : interactive.maybe_object("body");
  if (body) body->text("text", {.most = shape.body_characters});
}

void check_footer(const Part& interactive, const Shape& shape) {
  if (!shape.has_footer) return interactive.none("footer", "this type takes no footer");
  if (const auto footer = interactive.maybe_object("footer")) footer->text("text", {.most = kFrameCharacters});
}

const Shape* shape_of(const Part& interactive) {
  const auto type = interactive.text("type");
  if (!type) return nullptr;
  const auto* found = std::ranges::find(kShapes, *type, &Shape::type);
  if (found != kShapes.end()) return found;
  interactive.complain("type", "no interactive type that can be sent");
  return nullptr;
}

}  // namespace

void check_header(const Part& header, Choices kinds) {
  const auto type = header.word("type", kinds);
  if (!type) return;
  if (*type == "text") {
    header.text("text", {.most = kFrameCharacters});
  } else if (const auto media = header.object(*type)) {
    check_media_source(*media);
  }
}

void check_interactive(const Part& interactive) {
  const Shape* shape = shape_of(interactive);
  if (shape == nullptr) return;
  check_head(interactive, shape->head);
  check_body(interactive, *shape);
  check_footer(interactive, *shape);
  if (const auto action = interactive.object("action")) shape->check_action(*action);
}

}  // namespace waypost
