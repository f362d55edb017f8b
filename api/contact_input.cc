#include "api/contact_input.h"

#include <algorithm>

#include "api/phone.h"
#include "base/text.h"

namespace waypost::api {
namespace {

constexpr std::size_t kMostFields = 100;
constexpr std::size_t kMostFieldBytes = 16 * 1024;  // of all fields of one request, as JSON
constexpr std::size_t kMostTags = 100;
constexpr std::size_t kMostKeyCharacters = 64;

std::optional<std::string> read_phone(Input& input, Phone rule) {
  const auto key = input.either("phone", "waId");
  if (!input.has(key)) {
    if (rule == Phone::Required) input.complain("phone", "Required");
    return std::nullopt;
  }
  const std::string text = input.text(key, {.least = 0, .most = 64});
  auto digits = phone_digits(text);
  const Json* value = find(input.body(), key);
  if (!digits && value != nullptr && value->is_string())
    input.complain(key, "Invalid phone number: E.164 expected, like +14155551234");
  return digits;
}

void check_language(Input& input, const std::optional<std::string>& language) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  if (language && !std::ranges::all_of(*language, fits)) input.complain("language", "Invalid language code");
}

void check_fields(Input& input, const Json& fields) {
  if (fields.size() > kMostFields || dump(fields).size() > kMostFieldBytes)
    input.complain("fields", "Too large: at most 100 keys and 16 kB");
  for (const auto& [key, value] : fields.items()) {
    if (key.empty() || count_characters(key) > kMostKeyCharacters)
      input.complain("fields." + key, "A key has 1 to 64 characters");
  }
}

}  // namespace

Result<ContactEdit> read_contact_edit(const Request& request, Phone phone) {
  auto input = Input::of(request);
  if (!input) return fail(input.error());
  ContactEdit edit;
  const auto name_key = input->either("name", "displayName");
  edit.sets_name = input->has(name_key);
  edit.name = input->maybe_text(name_key, {.most = 200});
  edit.phone = read_phone(*input, phone);
  edit.sets_language = input->has("language");
  edit.language = input->maybe_text("language", {.least = 2, .most = 15});
  check_language(*input, edit.language);
  edit.opted_out = input->maybe_bool("optedOut");
  if (const Json* fields = input->maybe_object("fields")) {
    check_fields(*input, *fields);
    edit.fields = *fields;
  }
  if (auto tags = input->maybe_texts("tags", 64)) {
    if (tags->size() > kMostTags) input->complain("tags", "Array must contain at most 100 element(s)");
    edit.tags = *tags;
  }
  if (auto fine = input->end(); !fine) return fail(fine.error());
  return edit;
}

store::Contact edited(store::Contact contact, const ContactEdit& edit) {
  if (edit.sets_name) contact.name = edit.name;
  if (edit.phone) contact.phone = edit.phone;
  if (edit.sets_language) contact.language = edit.language;
  if (edit.opted_out) contact.opted_out = *edit.opted_out;
  if (edit.fields.is_object()) contact.fields.merge_patch(edit.fields);
  if (edit.tags.is_array()) contact.tags = edit.tags;
  return contact;
}

}  // namespace waypost::api
