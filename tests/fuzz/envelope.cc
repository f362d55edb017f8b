#include "tests/fuzz/broken.h"
#include "tests/fuzz/targets.h"
#include "tests/webhook/item_count.h"
#include "webhook/skim.h"
#include "webhook/tamed.h"

namespace waypost::fuzz {
namespace {

void check_messages(const Payload& read) {
  for (const auto& update : read.messages) {
    const auto again = read_payload(slice_of(update));
    must(again.messages.size() == 1 && again.malformed.empty(), "a message's slice is read again as a message");
    const auto& inbound = update.inbound;
    must(again.messages.front().inbound.message.prepared.content == inbound.message.prepared.content, "as the same");
    must(inbound.message.wamid && !inbound.message.wamid->empty(), "a message has its id");
    must(!inbound.sender.is_nobody() || inbound.change || !inbound.group.empty(), "a message is somebody's");
    must(!update.origin.phone_number_id.empty(), "a message has its number");
  }
}

void check_statuses(const Payload& read) {
  for (const auto& update : read.statuses) {
    const auto again = read_payload(slice_of(update));
    must(again.statuses.size() == 1 && again.statuses.front().status.content == update.status.content,
         "a status' slice is read again as the same");
    must(!update.status.wamid.empty(), "a status has its id");
  }
}

void check_others(const Payload& read) {
  for (const auto& update : read.others) {
    const auto again = read_payload(slice_of(update));
    must(again.others.size() == 1 && again.malformed.empty(), "news' slice is read again as news");
    must(again.others.front().field == update.field && again.others.front().time == update.time, "of the same field");
  }
}

}  // namespace

void envelope(std::string_view input) {
  const auto read = read_payload(input);
  auto json = parse_json(input);
  if (!json) json = parse_json(tamed(input));
  const auto expected = test::items_in(json ? *json : Json());
  must(test::difference(expected, test::items_of(read)).empty(), "what goes in comes out");
  check_messages(read);
  check_statuses(read);
  check_others(read);
}

void skimmed(std::string_view input) {
  const auto number = skim(input);
  if (!number) return;
  must(!number->empty(), "a number that is seen is one");
  const auto read = read_payload(input);
  must(read.statuses.empty(), "statuses are not skimmed over");
  for (const auto& update : read.messages) {
    must(update.origin.phone_number_id == *number, "messages are of the number that was seen");
  }
}

}  // namespace waypost::fuzz
