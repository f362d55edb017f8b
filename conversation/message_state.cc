#include "conversation/message_state.h"

#include <array>
#include <utility>

namespace waypost {
namespace {

constexpr std::array<std::pair<MessageState, std::string_view>, 13> kNames{{
    {MessageState::Received, "received"},
    {MessageState::Queued, "queued"},
    {MessageState::Sending, "sending"},
    {MessageState::Unknown, "unknown"},
    {MessageState::Held, "held"},
    {MessageState::Accepted, "accepted"},
    {MessageState::Sent, "sent"},
    {MessageState::Delivered, "delivered"},
    {MessageState::Read, "read"},
    {MessageState::Played, "played"},
    {MessageState::Failed, "failed"},
    {MessageState::Replaced, "replaced"},
    {MessageState::Expired, "expired"},
}};

constexpr std::array<std::pair<std::string_view, MessageState>, 6> kHistory{{
    {"PENDING", MessageState::Accepted},
    {"SENT", MessageState::Sent},
    {"DELIVERED", MessageState::Delivered},
    {"READ", MessageState::Read},
    {"PLAYED", MessageState::Played},
    {"ERROR", MessageState::Failed},
}};

MessageState state_of(MetaWord word) {
  switch (word) {
    case MetaWord::Accepted:
      return MessageState::Accepted;
    case MetaWord::Sent:
      return MessageState::Sent;
    case MetaWord::Delivered:
      return MessageState::Delivered;
    case MetaWord::Read:
      return MessageState::Read;
    case MetaWord::Played:
      return MessageState::Played;
    case MetaWord::Failed:
      return MessageState::Failed;
  }
}

// What outranks what. A failure outranks "sent", because Meta says sent before it fails; delivered outranks a failure,
// because the customer has the message.
int rank(MessageState state) {
  switch (state) {
    case MessageState::Received:
      return 100;  // inbound: no word of Meta moves it
    case MessageState::Queued:
    case MessageState::Sending:
    case MessageState::Unknown:
    case MessageState::Held:
    case MessageState::Replaced:
    case MessageState::Expired:
      return 0;
    case MessageState::Accepted:
      return 1;
    case MessageState::Sent:
      return 2;
    case MessageState::Failed:
      return 3;
    case MessageState::Delivered:
      return 4;
    case MessageState::Read:
      return 5;
    case MessageState::Played:
      return 6;
  }
}

}  // namespace

std::string_view name_of(MessageState state) {
  for (const auto& [known, name] : kNames) {
    if (known == state) return name;
  }
  std::unreachable();
}

std::optional<MessageState> message_state(std::string_view name) {
  for (const auto& [state, known] : kNames) {
    if (known == name) return state;
  }
  return std::nullopt;
}

std::optional<MetaWord> meta_word(std::string_view status) {
  if (status == "sent") return MetaWord::Sent;
  if (status == "delivered") return MetaWord::Delivered;
  if (status == "read") return MetaWord::Read;
  if (status == "played") return MetaWord::Played;
  if (status == "failed") return MetaWord::Failed;
  return std::nullopt;
}

MessageState state_in_history(std::string_view status) {
  for (const auto& [word, state] : kHistory) {
    if (word == status) return state;
  }
  return MessageState::Sent;
}

std::optional<MessageState> climb(MessageState present, bool is_guess, MetaWord word) {
  const int standing = is_guess ? 0 : rank(present);
  const MessageState next = state_of(word);
  if (rank(next) <= standing) return std::nullopt;
  return next;
}

bool is_final(MessageState state) {
  switch (state) {
    case MessageState::Queued:
    case MessageState::Sending:
    case MessageState::Unknown:
    case MessageState::Held:
      return false;
    case MessageState::Received:
    case MessageState::Accepted:
    case MessageState::Sent:
    case MessageState::Delivered:
    case MessageState::Read:
    case MessageState::Played:
    case MessageState::Failed:
    case MessageState::Replaced:
    case MessageState::Expired:
      return true;
  }
}

}  // namespace waypost
