// The readers of conversation/ and of a status, each given every object of an input as if it were theirs.

#include <functional>

#include "base/json.h"
#include "base/text.h"
#include "conversation/account_news.h"
#include "conversation/callback_data.h"
#include "conversation/contact_book.h"
#include "conversation/identity.h"
#include "conversation/message_kind.h"
#include "conversation/message_mark.h"
#include "conversation/message_state.h"
#include "conversation/meta_time.h"
#include "store/statuses.h"
#include "tests/fuzz/broken.h"
#include "tests/fuzz/targets.h"

namespace waypost::fuzz {
namespace {

void for_each_part(const Json& json, const std::function<void(const Json&)>& take) {
  take(json);
  if (!json.is_structured()) return;
  for (const auto& part : json) for_each_part(part, take);
}

void read_all(std::string_view input, const std::function<void(const Json&)>& take) {
  const auto json = parse_json(input);
  if (json) for_each_part(*json, take);
}

void check_sighting(const Sighting& sighting) {
  must(sighting.is_nobody() == sighting.aliases().empty(), "who has no alias is nobody");
  for (const auto& alias : sighting.aliases()) {
    must(!alias.value.empty(), "no alias is empty");
    must(alias.kind != AliasKind::Phone || phone_digits(alias.value) == alias.value, "a phone is digits");
  }
}

void check_change(const IdentityChange& change) {
  check_sighting(change.before);
  check_sighting(change.after);
}

void read_one_message(const Json& json) {
  must(!kind_of(json).empty(), "every message has a kind");
  const auto text = plain_text(json);
  must(!text || !text->empty(), "no text is empty");
  static_cast<void>(starts_runs(kind_of(json)));
  const Json* entry = ContactBook(find(json, "contacts")).entry_of(customer_of(json, nullptr, Side::From));
  must(!entry || entry->is_object(), "an entry of a person is an object");
  check_sighting(customer_of(json, entry, Side::From));
  if (const auto change = identity_change_of(json)) check_change(*change);
  const auto mark = mark_of(json);
  must(!mark || !mark->wamid.empty(), "a mark names its message");
}

void read_news(std::string_view field, const Json& value) {
  must(!kind_of_news(field, value).event.empty(), "every news has a type");
  static_cast<void>(account_of_news("9", value));
  if (const auto said = template_news_of(field, value)) {
    must(!said->name.empty() && !said->language.empty(), "a template has its name");
  }
  if (const auto standing = standing_news_of(field, value)) must(!standing->key.empty(), "a standing has its key");
  for (const auto& wish : marketing_wishes_of(field, value)) check_sighting(wish.person);
  for (const auto& change : identity_news_of(field, value)) check_change(change);
}

constexpr std::string_view kFields[] = {"messages",
                                        "account_update",
                                        "account_settings_update",
                                        "business_username_updates",
                                        "message_template_status_update",
                                        "message_template_quality_update",
                                        "template_category_update",
                                        "user_id_update",
                                        "user_preferences"};

void read_one_status(const Json& json) {
  const auto word = meta_word(text_or_empty(json, "status"));
  const auto failure = store::failure_of(json);
  must(!failure.reason.empty(), "a failure has a reason");
  const auto at = meta_time(json, "timestamp");
  must(!at || iso8601(*at).size() == 24, "a time can be written");
  const auto ours = parse_callback_data(text_or_empty(json, "biz_opaque_callback_data"));
  must(!ours || parse_callback_data(format_callback_data(*ours)) == ours, "what is ours is ours again");
  if (!word) return;
  for (const auto state : {MessageState::Queued, MessageState::Sent, MessageState::Read, MessageState::Failed}) {
    static_cast<void>(climb(state, false, *word));
  }
}

}  // namespace

void message(std::string_view input) { read_all(input, read_one_message); }

void news(std::string_view input) {
  read_all(input, [](const Json& value) {
    for (const auto field : kFields) read_news(field, value);
    read_news(text_or_empty(value, "field"), value.is_object() ? value.value("value", Json()) : Json());
  });
}

void status_words(std::string_view input) { read_all(input, read_one_status); }

}  // namespace waypost::fuzz
