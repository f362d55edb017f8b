#include "outbound/settlement.h"

#include <string>

#include "conversation/send_codes.h"
#include "outbound/head.h"
#include "store/channel_blocks.h"
#include "store/meta_refusals.h"

namespace waypost {
namespace {

struct Writer {
  const Settlement& what;
  sql::Connection& connection;

  bool operator()(const MarkAccepted& step) const {
    if (probes()) store::probe_accepted(connection, what.channel, what.now);
    return store::record_accepted(connection, what.begun, {.wamid = step.wamid, .wa_id = step.wa_id}, what.now);
  }
  bool operator()(const TryAgain& step) const { return queue_again(what.now + step.pause, what.begun.failures + 1); }
  // The row need not be `sending` any more: an impatient worker may have called it unknown.
  bool operator()(const AwaitStatus&) const {
    auto row = store::undecided(connection, what.begun);
    if (!row || row->state == MessageState::Unknown) return false;
    row->exchange = what.begun.exchange;
    return store::record_unknown(connection, *row, what.now + what.grace, what.now);
  }
  // No message is at fault: its failures are not counted. It stays due, as those behind it: what holds them is the
  // channel, and with a new token all go at once.
  bool operator()(const AwaitToken& step) const {
    store::hold_for_token(connection, what.channel, step.why.words(), what.now);
    return queue_again(what.now, what.begun.failures);
  }
  bool operator()(const AwaitChannel& step) const {
    heed(step.code, step.why.words());
    return queue_again(what.now + kChannelPoll, what.begun.failures);
  }
  bool operator()(const TryByPhone& step) const {
    if (what.to_user_id && store::has_phone_by_now(connection, what.begun, what.now))
      return queue_again(what.now, what.begun.failures + 1);
    return (*this)(GiveUp{.why = step.why, .code = step.code});
  }
  bool operator()(const UploadAgain&) const {
    store::forget_files_at_meta(connection, what.begun, what.files);
    return queue_again(what.now, what.begun.failures + 1);
  }
  bool operator()(const LeaveWindow&) const {
    return store::record_outside(connection, what.begun, what.rules, what.now).applied;
  }
  // The message was at fault, not a blocked channel: the next one may try at once.
  bool operator()(const GiveUp& step) const {
    if (probes()) store::look_now(connection, what.channel, what.now);
    if (step.code) heed(*step.code, step.why.words());
    const store::Failure failure{
        .reason = std::string(reason_of(step.code)), .code = step.code, .words = step.why.words()};
    return store::record_rejected(connection, what.begun, failure, what.now);
  }

  bool probes() const { return waits_for_channel(what.channel, what.begun); }
  void heed(std::int64_t code, const std::string& words) const {
    store::heed_refusal(connection, {.message = what.begun, .code = code, .words = words, .at = what.now}, what.now);
  }
  bool queue_again(Time due_at, std::int64_t failures) const {
    return store::record_refused(connection, what.begun, {.due_at = due_at, .failures = failures}, what.now);
  }
};

struct Naming {
  const char* operator()(const MarkAccepted&) const { return "accepted"; }
  const char* operator()(const TryAgain&) const { return "refused"; }
  const char* operator()(const AwaitStatus&) const { return "unknown"; }
  const char* operator()(const AwaitToken&) const { return "token"; }
  const char* operator()(const AwaitChannel&) const { return "blocked"; }
  const char* operator()(const TryByPhone&) const { return "refused"; }
  const char* operator()(const UploadAgain&) const { return "file_lost"; }
  const char* operator()(const LeaveWindow&) const { return "window"; }
  const char* operator()(const GiveUp&) const { return "failed"; }
};

}  // namespace

bool Settlement::operator()(sql::Connection& connection) const {
  return std::visit(Writer{.what = *this, .connection = connection}, step);
}

const char* name_of(const DeliveryStep& step) { return std::visit(Naming{}, step); }

}  // namespace waypost
