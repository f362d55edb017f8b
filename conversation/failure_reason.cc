#include "conversation/failure_reason.h"

#include <algorithm>
#include <array>

namespace waypost {
namespace {

constexpr auto kReasons = std::to_array<FailureReason>({
    // Our own verdicts
    {kOutcomeUnknown,
     "Find out whether the customer has it before you send it again: Meta's answer was lost, and no status came."},
    {kWindowClosed, "Send an approved template, or wait until the customer writes."},
    {"expired", "Send it again if it still matters: its validity ended before it could go."},
    {"not_needed", "Nothing to do: the customer wrote before the fallback template was sent."},
    {"part_failed", "Send again the part that failed, then this one: they are one text."},
    {"broadcast_cancelled", "Nothing to do: a person cancelled its broadcast before it went out."},
    {"opted_out", "Leave the contact alone until they write a start word or ask a person to be opted in."},
    {kMarketingStopped,
     "Send no marketing to this contact until they allow it in WhatsApp; utility templates and replies still go."},
    {kMarketingEmbargo,
     "Wait 24 hours before the next marketing template to this contact; utility templates and replies still go."},
    {"thread_elsewhere", "Set the conversation's status to open to take it back from the other app."},
    {"no_address", "Give the contact a phone number, or wait until they write."},
    {"no_channel", "Create the channel again, and send it anew."},
    {"no_contact", "Nothing to do: the contact was erased."},
    {kUploadMissing, "Upload the file again, and send it anew: it was deleted before the message could go."},
    {kDropped, "Ask the operator who dropped it; a try of it may have gone out before."},
    {kDroppedAfterRestore, "Find out whether the customer has it before you send it again: the store was restored."},
    // Meta's: whom it was for
    {"undeliverable",
     "Ask the customer by another way to update WhatsApp and accept its terms; the number may not be on WhatsApp."},
    {"contact_blocked", "Unblock this user in WhatsApp Manager if they are to get messages."},
    {"experiment", "Reach the customer another way: Meta keeps marketing from this number for an experiment."},
    {"country_restricted", "Leave out this country: Meta does not let your account write to it."},
    {"not_test_recipient", "Add the number to the test number's recipients, or send from a real number."},
    {"to_self", "Choose another recipient: this is the business number itself."},
    {"needs_phone", "Add the contact's phone number: this message cannot go to a WhatsApp user id."},
    {"identity_changed", "Check that the number still belongs to the customer, then send it again."},
    {"group_refused", "Look at the group in WhatsApp: it may be closed, full or not yours."},
    // Meta's: what was sent
    {"invalid_request", "Correct the content: Meta names the part in the message beside this."},
    {"unsupported_type", "Send it as another type of message."},
    {"media_failed",
     "Check that the file, or what its link answers with, is of an allowed type and size, and not broken."},
    {"template_missing", "Choose a template that is approved in exactly this language; the list is read again soon."},
    {"template_mismatch", "Fill in the template's variables exactly as it was approved."},
    {"template_too_long", "Shorten the values: the filled-in template is too long."},
    {"template_policy", "Reword it: the filled-in template breaks Meta's rules on content."},
    {"template_paused", "Use another template until Meta ends the pause for low quality."},
    {"template_disabled", "Use another template: Meta has disabled this one for good."},
    {"flow_refused", "Look at the flow in WhatsApp Manager: Meta has blocked or slowed it."},
    {"wrong_endpoint", "Send it another way: Meta does not take this kind of message here from your account."},
    // Meta's: number and account
    {"token_refused", "Give the channel a new access token with the permission to send."},
    {"account_blocked", "Look at the business account's health in WhatsApp Manager: Meta has locked or restricted it."},
    {"payment_missing", "Put the account's payment method in order in Meta's billing."},
    {"number_unusable", "Check the number in WhatsApp Manager: it is deleted, not registered or has no approved name."},
    {"number_restricted", "Start no conversations from this number until Meta ends the restriction for spam."},
    {"templates_restricted", "Correct the categories of your templates: Meta limits templates that claim a wrong one."},
    {"terms_missing", "Accept the terms that Meta asks for in WhatsApp Manager."},
    {"throttled", "Send it again later, and slower: Meta's rate was exceeded."},
    {"service_fault", "Send it again later: Meta had a fault."},
    {kRejected, "Look up Meta's code in its list of errors before you send it again."},
});

}  // namespace

std::span<const FailureReason> failure_reasons() { return kReasons; }

std::string_view advice_of(std::string_view reason) {
  const auto* known = std::ranges::find(kReasons, reason, &FailureReason::word);
  return known == kReasons.end() ? kReasons.back().advice : known->advice;
}

}  // namespace waypost
