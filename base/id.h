// Ids: UUIDv7, 16 bytes inside and text outside, one type an entity so that none stands in for another. Any thread.

#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace waypost {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const Uuid&) const = default;
  bool is_nil() const { return bytes == std::array<std::uint8_t, 16>{}; }
  std::string text() const;  // lower-case, with dashes
  // Exactly the 36-character form, any case.
  static std::optional<Uuid> parse(std::string_view text);
};

// RFC 9562 version 7: the time, then 74 random bits. Not an order: two of one millisecond may stand either way.
Uuid new_uuid(Time now);

template <class Tag>
struct Id {
  Uuid uuid;

  auto operator<=>(const Id&) const = default;
  std::string text() const { return uuid.text(); }
  static Id make(Time now) { return Id{new_uuid(now)}; }
  static std::optional<Id> parse(std::string_view text) {
    const auto uuid = Uuid::parse(text);
    if (!uuid) return std::nullopt;
    return Id{*uuid};
  }
};

using TenantId = Id<struct TenantTag>;  // a workspace
using UserId = Id<struct UserTag>;
using TokenId = Id<struct TokenTag>;
using ChannelId = Id<struct ChannelTag>;
using ContactId = Id<struct ContactTag>;
using ConversationId = Id<struct ConversationTag>;
using MessageId = Id<struct MessageTag>;
using WorkflowId = Id<struct WorkflowTag>;
using RunId = Id<struct RunTag>;
using TemplateId = Id<struct TemplateTag>;
using BroadcastId = Id<struct BroadcastTag>;
using CredentialId = Id<struct CredentialTag>;
using DeadLetterId = Id<struct DeadLetterTag>;
using JournalId = Id<struct JournalTag>;

}  // namespace waypost

template <>
struct std::hash<waypost::Uuid> {
  std::size_t operator()(const waypost::Uuid& uuid) const noexcept {
    std::uint64_t low = 0;
    std::memcpy(&low, uuid.bytes.data() + 8, 8);  // the random half
    return low;
  }
};
template <class Tag>
struct std::hash<waypost::Id<Tag>> {
  std::size_t operator()(const waypost::Id<Tag>& id) const noexcept { return std::hash<waypost::Uuid>()(id.uuid); }
};
