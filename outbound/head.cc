#include "outbound/head.h"

#include <algorithm>
#include <string>
#include <utility>

#include "conversation/failure_reason.h"
#include "conversation/opt_out.h"
#include "outbound/files.h"
#include "store/broadcasts.h"
#include "store/channel_blocks.h"
#include "store/marketing.h"

namespace waypost {
namespace {

store::Failure because(std::string_view reason, std::string words) {
  return {.reason = std::string(reason), .code = std::nullopt, .words = std::move(words)};
}

std::optional<Time> earlier(std::optional<Time> a, std::optional<Time> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

HeadMove judge_sending(const store::Message& head, const HeadContext& context) {
  const Time begun = head.attempt_at.value_or(head.updated_at);
  const bool committer_died = context.is_only_node && begun < context.started_at;
  const Time until = head.due_at.value_or(begun);
  if (committer_died || until <= context.now) return GiveUpWaiting{};
  return Rest{.until = until};
}

// Webhooks that came while nobody listened come again; the grace begins anew with the process.
HeadMove judge_unknown(const store::Message& head, const HeadContext& context) {
  const Time end = std::max(head.due_at.value_or(context.now), context.started_at + context.grace);
  if (context.now < end) return Rest{.until = end};
  if (context.webhooks_applied >= end) {
    return Fail{.message = head,
                .why = because(kOutcomeUnknown, "Meta's answer was lost, and no status has come since")};
  }
  const milliseconds behind = end - context.webhooks_applied;
  return Rest{.until = context.now + std::clamp<milliseconds>(behind, milliseconds(1'000), milliseconds(10'000))};
}

std::optional<store::Failure> obstacle(const store::SendView& view) {
  if (view.broadcast == BroadcastStatus::Cancelled)
    return because(store::kBroadcastCancelled, "its broadcast was cancelled");
  if (!view.channel) return because("no_channel", "the conversation's channel is gone");
  if (!view.contact) return because("no_contact", "the conversation's contact is gone");
  if (view.is_behind_failed_part)
    return because("part_failed", "an earlier part of the same text was not sent, so this one was not");
  if (view.contact->opted_out && view.head->author != kOptOutAuthor)
    return because(kOptedOut, "the contact has opted out of messages");
  if (view.bar) return because(name_of(*view.bar), std::string(words_of(*view.bar)));
  if (view.conversation.thread_owner) {
    return because("thread_elsewhere", "another app owns the conversation; set its status to open to take it back");
  }
  if (!view.contact->phone && !view.contact->user_id && !view.contact->group_id) {
    return because("no_address", "the contact has neither a phone number nor a WhatsApp user id");
  }
  if (!std::ranges::all_of(view.files, [](const store::SendFile& file) { return file.upload.has_value(); }))
    return because(kUploadMissing, "the file that it was to bring was deleted");
  return std::nullopt;
}

bool is_outside(const store::SendView& view, const HeadContext& context) {
  if (view.head->type == "template") return false;
  return !is_open(view.conversation.window_expires_at, context.now, context.window_margin);
}

// Nothing: the channel takes it, or it is the turn of one to try.
std::optional<HeadMove> judge_channel(const store::SendView& view, Time now) {
  const auto& channel = *view.channel;
  const auto rest = [&](Time until) { return Rest{.until = earlier(until, view.head->expires_at)}; };
  const bool stopped = channel.state != "active" && !store::is_blocked(channel);
  if (stopped) return rest(now + kChannelPoll);
  const bool waits = waits_for_channel(channel, *view.head);
  const bool is_early = channel.look_at && *channel.look_at > now;
  if (is_early && (waits || channel.state == "active"))
    return rest(std::min<Time>(*channel.look_at, now + kChannelPoll));
  if (waits && channel.probed_at) return EndBlock{};
  return std::nullopt;
}

HeadMove judge_queued(const store::SendView& view, const HeadContext& context) {
  const store::Message& head = *view.head;
  if (head.due_at == store::kHeldAfterRestore) return Rest{};
  // Before its validity: a resume gives it a new one.
  if (view.broadcast == BroadcastStatus::Paused) return Rest{.until = context.now + kChannelPoll};
  if (head.expires_at && *head.expires_at <= context.now) {
    return Expire{.message = head, .why = because("expired", "its validity ended before it could be sent")};
  }
  if (view.is_head_needless) {
    return Expire{.message = head, .why = because("not_needed", "the customer wrote before the fallback was sent")};
  }
  if (auto why = obstacle(view)) return Fail{.message = head, .why = *std::move(why)};
  if (head.due_at && *head.due_at > context.now) return Rest{.until = earlier(head.due_at, head.expires_at)};
  if (view.is_paused) return Rest{.until = earlier(context.now + kChannelPoll, head.expires_at)};
  if (auto move = judge_channel(view, context.now)) return *std::move(move);
  if (is_outside(view, context)) return AskWindow{};
  if (const auto* file = first_to_bring(view.files)) return BringFile{.file = *file};
  return Post{};
}

HeadMove judge_by_state(const store::SendView& view, const HeadContext& context) {
  if (view.head->state == MessageState::Sending) return judge_sending(*view.head, context);
  if (view.head->state == MessageState::Unknown) return judge_unknown(*view.head, context);
  return judge_queued(view, context);
}

}  // namespace

bool waits_for_channel(const store::Channel& channel, const store::Message& message) {
  return channel.state == "blocked" || (channel.state == "restricted" && message.type == "template");
}

HeadMove judge_head(const store::SendView& view, const HeadContext& context) {
  if (view.conversation.merged_into) return Follow{.survivor = *view.conversation.merged_into};
  if (view.lapsed) {
    return Expire{.message = *view.lapsed,
                  .why = because("expired", "the customer did not write before its validity ended")};
  }
  if (!view.head) return Rest{.until = view.held_until};
  auto move = judge_by_state(view, context);
  if (auto* rest = std::get_if<Rest>(&move)) rest->until = earlier(rest->until, view.held_until);
  return move;
}

}  // namespace waypost
